/** Sends nothing. */
export const createRoutine = () => () => {};
