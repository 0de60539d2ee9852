import { FormError } from "../../core/documents/check-form.ts";
import type { Fields } from "./fields.ts";

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

/** Of a sweep's parameters, since there are several systems to choose from. */
export const protocolKeys = ["protocol"] as const;
