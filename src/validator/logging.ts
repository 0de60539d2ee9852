/** Takes one line of what a validator tells of itself. */
export type Log = (
  level: "debug" | "info" | "warn" | "error",
  message: string,
  facts?: Record<string, unknown>,
) => void;
