import { BaleenError } from "../core/errors.ts";

/** No image that starts could be made. */
export class ImageError extends BaleenError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("image", message, options);
  }
}
