/** JSON files of bundles: read with a bound, and held to their form. */
import { FormError } from "../../core/documents/check-form.ts";
import { Fields } from "../schema/fields.ts";
import { EarlierVersionError, unreadable } from "../schema/read-error.ts";
import { readBundleDocument } from "./files/bundle-file.ts";

/** Reads a JSON file of one of these forms. @throws BundleReadError */
export async function readDocument(path: string, ...schemas: readonly string[]): Promise<Fields> {
  const document = await readJson(path);
  return inForm(path, () => {
    const fields = new Fields(document);
    fields.choice("schema", ...schemas);
    return fields;
  });
}

export async function readJson(path: string): Promise<unknown> {
  const text = await readBundleDocument(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(path, error, "it is not JSON.");
  }
}

/** Names the file in which something is not of its form. @param what it is not, unless it is of an earlier version */
export function inForm<T>(path: string, read: () => T, what = ""): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FormError)) throw error;
    const known = error instanceof EarlierVersionError ? "" : what;
    throw unreadable(path, error, `${known}${error.message}.`);
  }
}
