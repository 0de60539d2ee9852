/** What the client page does unless it is asked for something else. Imports nothing: server and page share it. */

/** Between two data points of a peer. */
export const usualSubmitIntervalMs = 2_000;

/** Messages a second that each sends where nothing else is asked for. */
export const builtInRoutines = { comms: 11.1, walk: 11.1, listen: 0 } as const;

export type BuiltInRoutine = keyof typeof builtInRoutines;

export const isBuiltInRoutine = (name: string): name is BuiltInRoutine =>
  Object.hasOwn(builtInRoutines, name);
