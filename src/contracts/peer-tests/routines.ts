/** Routines that come with the client page. Imports nothing: server and page share it. */

/** Messages a second that each sends where nothing else is asked for. */
export const builtInRoutines = { comms: 11.1, walk: 11.1, listen: 0 } as const;

export type BuiltInRoutine = keyof typeof builtInRoutines;

export const isBuiltInRoutine = (name: string): name is BuiltInRoutine =>
  Object.hasOwn(builtInRoutines, name);
