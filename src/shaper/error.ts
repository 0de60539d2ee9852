import { BaleenError } from "../core/errors.ts";

/** The links of this machine cannot be shaped. */
export class ShaperError extends BaleenError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("shaper", message, options);
  }
}
