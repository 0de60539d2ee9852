import { BaleenError } from "../../core/errors.ts";

/** A file of a bundle is missing, changed, or not what it should be. */
export class BundleReadError extends BaleenError {
  /** The file, or the bundle's folder. */
  readonly path: string;

  constructor(what: { readonly path: string; readonly reason: string }, options?: { cause?: unknown }) {
    super("bundle-read", `Cannot use ${what.path}: ${what.reason}`, options);
    this.path = what.path;
  }
}

/** Of a bundle whose sweep has not come to an end. @param path as somebody would name it */
export function notEnded(folder: string, path = folder): BundleReadError {
  const reason = `manifest.json is not there: its sweep was killed, or goes on. Continue a killed one with: benchmark --resume ${path}`;
  return new BundleReadError({ path: folder, reason });
}
