/** Names with values, however they are given: texts such as `NAME=VALUE`, lists of them, tables. */
import { show } from "./rule.ts";

/** A name with its value as it was given, or what keeps a part from being one. */
export type NamedValue =
  | { readonly name: string; readonly value: string | number }
  | { readonly problem: string };

/**
 * All that a value holds: `NAME=VALUE`, several of them in a list or with ";" or line breaks between them, or a table of
 * names and values. Of a switch its text is the value.
 *
 * @param noun what one of them is called: "option"
 */
export function namedValues(value: unknown, noun: string): readonly NamedValue[] {
  if (typeof value === "string") {
    const texts = value.split(/[;\r\n]/).filter((text) => text.trim() !== "");
    return texts.length === 0 ? [{ problem: `it contains no ${noun}` }] : texts.map(parseText);
  }
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown) =>
      typeof item === "string"
        ? [parseText(item)]
        : isEmpty(item)
          ? [{ problem: `${Array.isArray(item) ? "[]" : "{}"} has no name` }]
          : namedValues(item, noun),
    );
  }
  if (typeof value !== "object" || value === null) {
    return [{ problem: `${show(value)} has no name` }];
  }
  return Object.entries(value).map(([name, one]: [string, unknown]) => {
    if (typeof one === "boolean") return { name, value: String(one) };
    if (typeof one === "string" || typeof one === "number") return { name, value: one };
    return { problem: `${name} is ${show(one)}, which is neither a number nor text` };
  });
}

/** A list or a table in a list, with nothing in it. */
const isEmpty = (item: unknown) =>
  typeof item === "object" && item !== null && Object.keys(item).length === 0;

function parseText(text: string): NamedValue {
  const at = text.indexOf("=");
  if (at <= 0) return { problem: `${show(text)} has no ${at < 0 ? "value" : "name"}` };
  return { name: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}
