import { isTable } from "../keys.ts";
import type { Form, Json, Made } from "./form.ts";

/** A document as it is published: keys without a value are left out. */
// biome-ignore lint/suspicious/noExplicitAny: its readers are tests and checks that name what they expect
export function writeForm<T>(form: Form<T>, value: T): Readonly<Record<string, any>> {
  return withoutAbsent(form.parts.write(value)) as Json;
}

/** What a reader of the published document has: numbers are rounded. */
export const asPublished = <T>({ parts }: Form<T>, value: T): T => parts.read(parts.write(value));

function withoutAbsent(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutAbsent);
  if (!isTable(json)) return json;
  const there: Made = {};
  for (const key in json) if (json[key] !== undefined) there[key] = withoutAbsent(json[key]);
  return there;
}
