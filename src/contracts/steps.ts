/** Told of each step of work that takes long: on what ("host0"), what is done, and more about it. */
export type OnStep = (subject: string, step: string, detail?: string) => void;
