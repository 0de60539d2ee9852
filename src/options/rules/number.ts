import { formatCount, itemName, type Reading, type Rule, refusal, show, together } from "./rule.ts";

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

function toNumber(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || !decimal.test(value.trim())) return undefined;
  const number = Number(value.trim());
  return Number.isFinite(number) ? number : undefined;
}

export interface NumberOptions {
  /** Plural, as in "a number of seconds"; "" for a bare number. */
  readonly unit: string;
  readonly whole?: boolean;
  /** Lower limit, itself allowed … */
  readonly atLeast?: number;
  /** … or not. */
  readonly above?: number;
  readonly atMost: number;
  /** Numbers in between that are none of them. */
  readonly except?: readonly number[] | undefined;
}

function outside(number: number, options: NumberOptions): string | undefined {
  const unit = options.unit === "" ? "" : ` ${options.unit}`;
  if (options.above !== undefined && number <= options.above)
    return `is not above ${formatCount(options.above)}`;
  if (options.atLeast !== undefined && number < options.atLeast)
    return `is below the minimum of ${formatCount(options.atLeast)}${unit}`;
  if (number > options.atMost) return `is above the maximum of ${formatCount(options.atMost)}${unit}`;
  if (options.whole && !Number.isSafeInteger(number)) return "is not a whole number";
  return options.except?.includes(number) ? "is not possible" : undefined;
}

function range(options: NumberOptions): string {
  const except = (options.except ?? []).map(formatCount).join(" or ");
  const most = `${formatCount(options.atMost)}${except === "" ? "" : `, but not ${except}`}`;
  return options.above === undefined
    ? `from ${formatCount(options.atLeast ?? 0)} to ${most}`
    : `above ${formatCount(options.above)} and up to ${most}`;
}

function numberSchema({ whole, atLeast, above, atMost }: NumberOptions): object {
  return {
    type: whole ? "integer" : "number",
    ...(above === undefined ? { minimum: atLeast ?? 0 } : { exclusiveMinimum: above }),
    maximum: atMost,
  };
}

/** A number in decimal notation, without a unit or separators. */
export function number(options: NumberOptions): Rule<number> {
  const noun = options.whole ? "a whole number" : "a number";
  const expected = `${noun}${options.unit === "" ? "" : ` of ${options.unit}`} ${range(options)}`;
  return {
    kind: "value",
    expected,
    schema: numberSchema(options),
    read: (given) => {
      const value = toNumber(given.value);
      if (value === undefined) {
        return refusal(given, `${show(given.value)} is not a number`, `${expected}, without a unit`);
      }
      const reason = outside(value, options);
      return reason === undefined ? { value } : refusal(given, `${String(given.value)} ${reason}`, expected);
    },
  };
}

/** Numbers separated by single commas, or a list of them; every faulty item is told. Duplicates are allowed. */
export function numberList(options: NumberOptions, mostItems: number): Rule<readonly number[]> {
  const expected = `numbers of ${options.unit} ${range(options)}, separated by single commas, such as 100,200,500`;
  const item = numberSchema(options);
  return {
    kind: "value",
    expected,
    schema: { anyOf: [{ type: "array", items: item, minItems: 1 }, item, { type: "string" }] },
    read: (given) => {
      const items: readonly unknown[] = Array.isArray(given.value)
        ? given.value
        : typeof given.value === "string"
          ? given.value.split(",")
          : [given.value];
      if (items.length === 0) return refusal(given, "the list is empty", expected);
      if (items.length > mostItems) {
        const reason = `${formatCount(items.length)} items are more than the maximum of ${formatCount(mostItems)}`;
        return refusal(given, reason, expected);
      }
      const readings = items.map((item, index): Reading<number> => {
        const place = { ...given, name: itemName(given, index) };
        const nth = `item ${index + 1}`;
        if (typeof item === "string" && item.trim() === "") {
          return refusal(place, `${nth} of ${show(given.value)} is empty`, expected);
        }
        const value = toNumber(item);
        const reason = value === undefined ? "is not a number" : outside(value, options);
        if (value !== undefined && reason === undefined) return { value };
        const shown = value === undefined ? show(item) : String(item).trim();
        const subject = items.length === 1 ? shown : `${nth}, ${shown},`;
        return refusal(place, `${subject} ${reason}`, expected);
      });
      return together(readings);
    },
  };
}

/** A number, or a word that stands for one. */
export function numberOr<const T extends string>(word: T, options: NumberOptions): Rule<number | T> {
  const plain = number(options);
  const expected = `${word}, or ${plain.expected}`;
  return {
    kind: "value",
    expected,
    schema: { anyOf: [{ const: word }, numberSchema(options)] },
    read: (given) => {
      if (given.value === word) return { value: word };
      const reading = plain.read(given);
      if ("value" in reading || toNumber(given.value) !== undefined) return reading;
      return refusal(given, `${show(given.value)} is not a known value`, expected);
    },
  };
}
