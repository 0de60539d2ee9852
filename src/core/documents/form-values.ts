/** Forms of single values, lists and tables; `about` is what a reader of the document is told. */
import type * as zod from "zod";
import { mapValues } from "../keys.ts";
import {
  type Fields,
  Form,
  type FormParts,
  type Json,
  type RecordOptions,
  record,
  type ValueOf,
} from "./form.ts";
import { percent, rounded, significant } from "./numbers.ts";

const same = <T>(value: T): T => value;

function plain<T>(
  schema: FormParts<T>["schema"],
  { write = same, read = same }: Partial<FormParts<T>> = {},
): Form<T> {
  return new Form<T>({ schema, write, read });
}

/** What a number may be; all ends are allowed but `above`. */
export interface Bounds {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
}

function numeric(
  about: string,
  { least, above, most }: Bounds,
  isWhole = false,
): FormParts<number>["schema"] {
  return (z) => {
    const error = isWhole ? "a whole number" : "a number";
    let number: zod.ZodNumber = isWhole ? z.int({ error }) : z.number({ error });
    if (least !== undefined) number = number.min(least, { error: `${error} from ${least}` });
    if (above !== undefined) number = number.gt(above, { error: `${error} above ${above}` });
    if (most !== undefined) number = number.max(most, { error: `${error} up to ${most}` });
    return number.describe(about);
  };
}

/** A measured number of any sign, published to three decimals. */
export const measured = (about: string, bounds: Bounds = {}) =>
  plain<number>(numeric(about, bounds), { write: rounded });

/** A measured number that is never below 0. */
export const amount = (about: string) => measured(about, { least: 0 });

/** A number as somebody gave it, 0 or more unless it says otherwise. */
export const given = (about: string, bounds: Bounds = { least: 0 }) => plain<number>(numeric(about, bounds));

/** The same, above 0. */
export const positive = (about: string) => given(about, { above: 0 });

/** A whole number, published as it is. */
export const whole = (about: string, bounds: Bounds = {}) => plain<number>(numeric(about, bounds, true));

/** How many of something there were. */
export const count = (about: string) => whole(about, { least: 0 });

/** The same, at least one. */
export const natural = (about: string) => whole(about, { least: 1 });

/** A ratio (1 is all) that is published as percent. @param write default: to three decimals */
export const asPercent = (about: string, bounds: Bounds = {}, write = percent) =>
  new Form<number>({
    schema: numeric(about, bounds),
    write,
    read: (json: number) => json / 100,
    ratioUnit: "Percent",
  });

/** A ratio of any size, to six significant digits. */
export const sixDigits = (about: string, bounds: Bounds = { least: 0 }) =>
  plain<number>(numeric(about, bounds), { write: significant });

/** A whole number of any size, in quotes: JSON's own lose digits. */
export const digits = (about: string) =>
  plain<bigint>(
    (z) => {
      const error = "a whole number in quotes";
      return z
        .string({ error })
        .regex(/^[0-9]+$/, { error })
        .describe(about);
    },
    { write: String, read: BigInt },
  );

export const text = (about: string) => plain<string>((z) => z.string({ error: "a text" }).describe(about));

/** A text of one shape. @param expected in words: "1 to 100 letters and digits" */
export const matching = (about: string, pattern: RegExp, expected: string) =>
  plain<string>((z) => z.string({ error: expected }).regex(pattern, { error: expected }).describe(about));

export const flag = (about: string) =>
  plain<boolean>((z) => z.boolean({ error: "true or false" }).describe(about));

export const choice = <const T extends string>(about: string, choices: readonly T[]) =>
  plain<T>((z) => z.enum(choices, { error: choices.join(" or ") }).describe(about));

/** A value that is always the same, such as the name of a schema. */
export const constant = <const T extends string>(about: string, value: T) =>
  plain<T>((z) => z.literal(value, { error: value }).describe(about));

/** A moment, RFC 3339 UTC with milliseconds. */
export const time = (about: string) =>
  plain<string>((z) => {
    const error = "a time such as 2026-01-31T12:00:00.000Z";
    const isTime = (value: string) =>
      !Number.isNaN(Date.parse(value)) && new Date(value).toISOString() === value;
    return z.string({ error }).refine(isTime, { error }).meta({ description: about, format: "date-time" });
  });

/** A number or a text. */
export const setting = (about: string) =>
  plain<number | string>((z) =>
    z.union([z.number(), z.string()], { error: "a number or text" }).describe(about),
  );

/** Whatever came as JSON. */
export const anything = (about: string) => plain<unknown>((z) => z.unknown().describe(about));

export interface ListBounds {
  readonly fewest?: number;
  readonly most?: number;
}

export function list<T>(about: string, item: Form<T>, { fewest, most }: ListBounds = {}): Form<readonly T[]> {
  const { schema, write, read } = item.parts;
  return new Form<readonly T[]>({
    schema: (z) => {
      let array = z.array(schema(z), { error: "a list" });
      const bound = (word: string, count: number) => ({
        error: fewest === most ? `a list of ${count}` : `a list of at ${word} ${count}`,
      });
      if (fewest !== undefined) array = array.min(fewest, bound("least", fewest));
      if (most !== undefined) array = array.max(most, bound("most", most));
      return array.describe(about);
    },
    write: (values) => values.map((value) => write(value)),
    read: (json: readonly unknown[]) => json.map(read),
  });
}

/** A list whose key is left out where it is empty. */
export const listIfAny = <T>(about: string, item: Form<T>) =>
  list(about, item, { fewest: 1 }).leftOutIf<readonly T[]>([], ({ length }) => length === 0);

/** Values by names that are chosen by whoever writes it. */
export function table<T>(about: string, value: Form<T>): Form<Readonly<Record<string, T>>> {
  const { schema, write, read } = value.parts;
  return new Form<Readonly<Record<string, T>>>({
    schema: (z) => z.record(z.string(), schema(z), { error: "a JSON object" }).describe(about),
    write: (values) => mapValues(values, write),
    read: (json: Json) => mapValues(json, read),
  });
}

export interface TableBounds {
  readonly names: RegExp;
  /** In words: "a name of 1 to 64 letters". */
  readonly expectedName: string;
  readonly most: number;
}

/** The same, of names of one shape and a bounded number of them. */
export function boundedTable<T>(
  about: string,
  value: Form<T>,
  { names, expectedName, most }: TableBounds,
): Form<Readonly<Record<string, T>>> {
  const { schema, write, read } = value.parts;
  return new Form<Readonly<Record<string, T>>>({
    schema: (z) => {
      const name = z.string().regex(names, { error: expectedName });
      const error = `a JSON object of at most ${most} keys`;
      return z
        .record(name, schema(z), { error: ({ code }) => (code === "invalid_key" ? expectedName : error) })
        .refine((entries) => Object.keys(entries).length <= most, { error })
        .meta({ description: about, maxProperties: most });
    },
    write: (values) => mapValues(values, write),
    read: (json: Json) => mapValues(json, read),
  });
}

/** A whole document, which says first of which form it is: "baleen.run/1". */
export function documentForm<const F extends Fields>(
  schema: string,
  about: string,
  fields: F,
  options?: RecordOptions<ValueOf<F>>,
): Form<ValueOf<F>> {
  const named = { schema: constant("Name and version of this format.", schema).derived(), ...fields };
  const derive = (value: ValueOf<F>) => ({ schema, ...options?.derive?.(value) });
  return record(about, named, { ...options, derive } as never) as unknown as Form<ValueOf<F>>;
}
