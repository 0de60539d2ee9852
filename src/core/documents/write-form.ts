import type { Form, Json } from "./form.ts";

/** A document as it is published: keys without a value are left out. */
// biome-ignore lint/suspicious/noExplicitAny: its readers are tests and checks that name what they expect
export function writeForm<T>(form: Form<T>, value: T): Readonly<Record<string, any>> {
  return form.parts.write(value) as Json;
}

/** What a reader of the published document has: numbers are rounded. */
export const asPublished = <T>({ parts }: Form<T>, value: T): T => parts.read(parts.write(value));
