/** What people call their runs, to find them again: a name, and tags. */
import { type NamedValue, namedValues } from "./named-values.ts";
import { type Given, type Reading, type Rule, refusal, show, together, valueRule } from "./rule.ts";

const mostCharacters = 100;
const mostTags = 20;

/** On one line, with something to see, and nothing that steers a terminal. */
const isLabel = (text: string) =>
  text.trim() !== "" && text.length <= mostCharacters && !/[\p{C}\u2028\u2029]/u.test(text);

const label = (value: unknown) => {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && isLabel(text) ? text.trim() : undefined;
};

/** The name of a run. */
export const nameRule: Rule<string> = valueRule({
  expected: `a printable text of 1 to ${mostCharacters} characters`,
  schema: { type: ["string", "number"] },
  parse: label,
});

const tagKey = /^[a-z0-9][a-z0-9_.-]{0,39}$/;
const expected = `KEY=VALUE, such as branch=main: a key of 1 to 40 of a-z, 0-9, "_", "." and "-" that begins with a letter or digit, and a printable value of 1 to ${mostCharacters} characters`;

/** Tags by key, those of a source farther away too; the nearest of each key counts. At most 20. */
export const tagsRule: Rule<Readonly<Record<string, string>>> = {
  kind: "value",
  expected,
  schema: {
    anyOf: [
      { type: "object", additionalProperties: { type: ["string", "number"] } },
      { type: "array", items: { type: "string" }, minItems: 1 },
      { type: "string" },
    ],
  },
  read: (given) => {
    const farther = given.farther === undefined ? [] : [tagsRule.read(given.farther)];
    const own = namedValues(given.value, "tag").map((one) => readTag(one, given));
    const read = together([...farther, ...own]);
    if ("diagnostics" in read) return read;
    const tags = Object.assign({}, ...read.value) as Readonly<Record<string, string>>;
    const count = Object.keys(tags).length;
    return count > mostTags
      ? refusal(given, `${count} tags are too many`, `at most ${mostTags}`)
      : { value: tags };
  },
};

function readTag(one: NamedValue, given: Given): Reading<Readonly<Record<string, string>>> {
  if ("problem" in one) return refusal(given, one.problem, expected);
  const value = label(one.value);
  const place = { ...given, name: given.keyNames?.get(one.name) ?? given.name };
  if (!tagKey.test(one.name)) return refusal(place, `${show(one.name)} cannot be a key`, expected);
  if (value === undefined)
    return refusal(place, `${show(one.value)} cannot be the value of ${one.name}`, expected);
  return { value: { [one.name]: value } };
}
