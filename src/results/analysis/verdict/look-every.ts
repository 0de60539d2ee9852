/** How often each node is asked, in whole seconds. */
export function lookEverySecs(nodes: number, runSecs: number): number {
  return Math.max(1, Math.ceil(nodes / looksPerSecond), Math.ceil(runSecs / mostLooks));
}

/** Of larger committees each node is asked more rarely, so that this machine reads no more than so many in a second. */
export const looksPerSecond = 16;

/** In longer runs each node is asked more rarely, so that files stay of a size that can be opened. */
export const mostLooks = 600;
