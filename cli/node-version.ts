/** The program runs on this version of Node.js and on newer ones: the oldest that its project still maintains. */
export const OLDEST_NODE = 22;

/**
 * Returns the sentence for a version of Node.js that the program does not run on, or undefined if it runs. `version` is what
 * `process.versions.node` has, such as `20.20.2`.
 */
export function explainNodeVersion(version: string): string | undefined {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return undefined;
  return `Node.js ${version} is too old. Use Node.js ${OLDEST_NODE} or newer, or the file of the release for your platform, which needs no Node.js.`;
}
