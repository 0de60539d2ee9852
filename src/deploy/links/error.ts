import { BaleenError } from "../../core/errors.ts";

/** Links between nodes cannot be what they were asked to be. */
export class LinksError extends BaleenError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("links", message, options);
  }
}
