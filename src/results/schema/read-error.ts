import { FormError } from "../../core/documents/check-form.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import type { Fields } from "./fields.ts";

/** A file of a bundle is missing, changed, or not what it should be. */
export class BundleReadError extends BaleenError {
  /** The file, or the bundle's folder. */
  readonly path: string;

  constructor(path: string, reason: string, options?: { cause?: unknown }) {
    super("bundle-read", `Cannot use ${path}: ${reason}`, options);
    this.path = path;
  }
}

/** One that the system does not let read, or that is not of its form. @param reason where the cause says it not */
export const unreadable = (path: string, cause: unknown, reason = `${describeError(cause)}.`) =>
  new BundleReadError(path, reason, { cause });

/** Of a bundle whose sweep has not come to an end. @param path as somebody would name it */
export function notEnded(folder: string, path = folder): BundleReadError {
  const reason = `manifest.json is not there: its sweep was killed, or goes on. Continue a killed one with: benchmark --resume ${path}`;
  return new BundleReadError(folder, reason);
}

/** A document that an earlier version made, which had not all that this one writes: nothing is wrong with it. */
export class EarlierVersionError extends FormError {
  constructor() {
    super("it", "of this version");
    this.message =
      "it was made by an earlier version of Baleen, and this one does not read those. Use that version, or measure again";
  }
}

/** @throws EarlierVersionError where none of these keys is there, which came together */
export function refuseEarlier(fields: Fields, keys: readonly string[]): void {
  if (!keys.some((key) => fields.has(key))) throw new EarlierVersionError();
}

/** Of parameters, a run's and a sweep's, with which loads came to change and clients to be several. */
export const clientKeys = ["transport", "clients", "pacing", "profile"] as const;
