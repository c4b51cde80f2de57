/** Is the program when it is started beside the main process: it waits for the files, or asks for a look at AWS. */
import { ask } from './control.ts';
import type { RefreshAnswer } from './refresh.ts';

/** Milliseconds between two tries to reach the main process, which starts at the same time. */
const PAUSE = 10;

/** Returns when the first complete set of files is there. Until then it waits, as long as it takes. */
export async function waitForFiles(root: string): Promise<void> {
  while ((await ask(root, 'wait')) === undefined) await new Promise((resolve) => setTimeout(resolve, PAUSE));
}

/** Has the text that `refresh` prints, and its exit code. */
export type Printed = { readonly text: string; readonly exitCode: number };

const UNREACHED = `The main process of this container did not answer: it does not watch, as the pod has no rotation, or it has
just ended. Look at the container's log.
`;

/** Has the main process look at AWS now, and returns what it says. */
export async function refresh(root: string): Promise<Printed> {
  const answer = await ask(root, 'refresh');
  if (answer === undefined) return { text: UNREACHED, exitCode: 20 };
  const { lines, exitCode } = JSON.parse(answer) as RefreshAnswer;
  return { text: `${lines.join('\n')}\n`, exitCode };
}
