/** The nodes' program as a user named it. */
export interface ChosenProgram {
  /** Absolute path of an executable file. */
  readonly path?: string | undefined;
  /** Name of an image. */
  readonly image?: string | undefined;
}
