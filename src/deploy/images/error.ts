import { BaleenError, describeError } from "../../core/errors.ts";

/** No image that starts could be made. */
export class ImageError extends BaleenError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("image", message, options);
  }
}

/** Why it failed, for a message of our own: what we put into words says all, what others threw may need its causes. */
export function explainCause(cause: unknown): string {
  return cause instanceof BaleenError ? cause.message : describeError(cause);
}
