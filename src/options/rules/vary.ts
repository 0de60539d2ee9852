/** `--vary OPTION=VALUE,…`: a sweep for each value of an option. Which options there are is checked with all others. */
import { mostValues } from "../../contracts/results/variation.ts";
import { isTable } from "../../core/keys.ts";
import { namedValues } from "./named-values.ts";
import { type Given, type Reading, type Rule, refusal, show, together } from "./rule.ts";

/** An option with its values, as somebody gave it. */
export interface GivenVariation {
  /** As it was written: "committee", "transactionSize", "protocol.minRoundDelay". */
  readonly option: string;
  /** At least two, each once. What looks like a number is one. */
  readonly values: readonly (number | string)[];
  /** What this is called, and how near it was given. */
  readonly given: Given;
}

const expected = "OPTION=VALUE,VALUE, such as committee=4,7,10";
const longestValue = 200;

/** Several in a list, in one text with ";" or line breaks between them, or a table of options and lists of values. */
export const varyRule: Rule<readonly GivenVariation[]> = {
  kind: "value",
  expected,
  schema: {
    anyOf: [
      {
        type: "object",
        additionalProperties: {
          anyOf: [
            { type: "array", items: { type: ["string", "number", "boolean"] }, minItems: 2 },
            { type: "string" },
          ],
        },
      },
      { type: "array", items: { type: "string" }, minItems: 1 },
      { type: "string" },
    ],
  },
  read: (given) => {
    if (isTable(given.value)) {
      const entries = Object.entries(given.value);
      return together(entries.map(([option, values]) => readValues(option, values, given)));
    }
    return together(
      namedValues(given.value, "option").map((one) =>
        "problem" in one ? refusal(given, one.problem, expected) : readValues(one.name, one.value, given),
      ),
    );
  },
};

function readValues(option: string, written: unknown, given: Given): Reading<GivenVariation> {
  const name = given.keyNames?.get(option) ?? `${given.name} ${option}`;
  const place = { ...given, name, keyNames: undefined };
  const items: readonly unknown[] = Array.isArray(written)
    ? written
    : typeof written === "object"
      ? [written]
      : String(written).split(",");
  const values = items.map(toValue);
  const wrong = values.indexOf(undefined);
  if (wrong >= 0) return refusal(place, `${show(items[wrong])} cannot be a value`, expected);
  const known = values.filter((value) => value !== undefined);
  const twice = known.find((value, at) => known.indexOf(value) !== at);
  if (twice !== undefined) return refusal(place, `${show(twice)} stands there twice`, "each value once");
  if (known.length < 2) return refusal(place, "there is nothing to vary", "at least two values");
  if (known.length > mostValues) {
    return refusal(place, `${known.length} values are too many`, `at most ${mostValues}`);
  }
  return { value: { option, values: known, given: place } };
}

/** undefined: it is none. A number that is written in the usual way is one. */
function toValue(item: unknown): number | string | undefined {
  if (typeof item === "number") return Number.isFinite(item) ? item : undefined;
  const text = typeof item === "boolean" ? String(item) : item;
  if (typeof text !== "string" || text.length > longestValue || /[\p{C}\u2028\u2029]/u.test(text))
    return undefined;
  const value = text.trim();
  if (value === "") return undefined;
  return String(Number(value)) === value && Number.isFinite(Number(value)) ? Number(value) : value;
}
