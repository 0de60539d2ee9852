/**
 * Forms: one definition of a document, from which follow its type, what is written, what is accepted and read, and the
 * JSON Schema that is published. A key of a document is one line of a form, under its name in snake case.
 */

import type * as zod from "zod";
import { mapValues, snakeCase } from "../keys.ts";

/** zod is handed in: it takes a tenth of a second to load, and whoever only writes does without. */
export type Zod = typeof zod;
export type Json = Readonly<Record<string, unknown>>;

/** required: always there. optional: absent in both. derived: only written, by `derive` of a record around it. */
type Presence = "required" | "optional" | "derived";

export interface FormParts<T> {
  /** What the JSON may be; `error` of each part says in words what it must be. */
  readonly schema: (z: Zod) => zod.ZodType;
  /**
   * undefined leaves the key out. @throws InvalidArgumentError for a measured number that is not finite
   *
   * @param derived values of the derived keys within
   */
  readonly write: (value: T, derived?: Json) => unknown;
  /** The inverse, of JSON that the schema accepts; undefined where there is no key. */
  // biome-ignore lint/suspicious/noExplicitAny: the schema has checked what it is
  readonly read: (json: any) => T;
  /** Its key may be left out. */
  readonly mayBeAbsent?: boolean;
  readonly key?: string;
  /** What it is published in where the program has a ratio: "shareRatio" stands under "share_percent". */
  readonly ratioUnit?: "Percent";
}

/** How a value stands in JSON. */
export class Form<T, P extends Presence = "required"> {
  readonly parts: FormParts<T>;
  declare readonly presence: P;

  constructor(parts: FormParts<T>) {
    this.parts = parts;
  }

  /** Absent where its value is. */
  optional(): Form<T | undefined, "optional"> {
    const { write, read } = this.parts;
    return new Form<T | undefined, "optional">({
      ...this.parts,
      write: (value, derived) => (value === undefined ? undefined : write(value, derived)),
      read: (json) => (json === undefined ? undefined : read(json)),
      mayBeAbsent: true,
    });
  }

  /** Its key is left out where it has this value. */
  leftOutIf<U>(usual: U, isUsual: (value: T | U) => boolean): Form<T | U> {
    const { write, read } = this.parts;
    return new Form<T | U>({
      ...this.parts,
      write: (value, derived) => (isUsual(value) ? undefined : write(value as T, derived)),
      read: (json) => (json === undefined ? usual : read(json)),
      mayBeAbsent: true,
    });
  }

  /** Its value follows from others, for those who only read. */
  derived(): Form<unknown, "derived"> {
    return new Form<unknown, "derived">({
      ...this.parts,
      write: (_, derived) => derived,
      read: () => undefined,
    });
  }

  /** Not always there, of a derived one. */
  ifKnown(): this {
    return new Form({ ...this.parts, mayBeAbsent: true }) as this;
  }

  /** Of a value that is something else in the program. */
  adapted<U>(write: (value: U) => T, read: (value: T) => U): Form<U> {
    const { parts } = this;
    return new Form<U>({
      ...parts,
      write: (value, derived) => parts.write(write(value), derived),
      read: (json) => read(parts.read(json)),
    });
  }

  /** Under another key than its name in snake case. */
  keyed(key: string): this {
    return new Form({ ...this.parts, key }) as this;
  }

  /** What it is in this place, of one that stands in several. */
  as(about: string): Form<T, P> {
    const { schema } = this.parts;
    return new Form<T, P>({ ...this.parts, schema: (z) => schema(z).describe(about) });
  }
}

/** Several keys for one value. */
export interface Spread<T> {
  /** What stands there, by the value's name. */
  readonly spread: (name: string) => Fields;
  readonly write: (value: T, name: string) => Json;
  /** undefined where none of the keys is there. */
  readonly read: (parts: Json, name: string) => T | undefined;
  readonly presence: Presence;
}

/** An object of its own in JSON whose fields stand in the value around it. */
export interface Group<F> {
  readonly about: string;
  readonly group: F;
}

// biome-ignore lint/suspicious/noExplicitAny: a field writes its own type, so one of unknown would take none
export type Fields = Readonly<Record<string, Form<any, Presence> | Spread<any> | Group<any>>>;

type KeysOf<F, P> = { [K in keyof F]: F[K] extends { readonly presence: P } ? K : never }[keyof F];
// biome-ignore lint/suspicious/noExplicitAny: a group is known by its kind, whatever its fields are
type GroupKeys<F> = { [K in keyof F]: F[K] extends Group<any> ? K : never }[keyof F];
type TypeOf<F> = F extends Spread<infer T> ? T : F extends Form<infer T, Presence> ? T : never;
type Together<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;
type Flat<T> = { [K in keyof T]: T[K] } & {};

/** What a record of these fields is in the program. */
export type ValueOf<F> = Flat<
  { readonly [K in KeysOf<F, "required">]: TypeOf<F[K]> } & {
    readonly [K in KeysOf<F, "optional">]?: TypeOf<F[K]> | undefined;
  } & ([GroupKeys<F>] extends [never]
      ? unknown
      : Together<{ [K in GroupKeys<F>]: F[K] extends Group<infer G> ? ValueOf<G> : never }[GroupKeys<F>]>)
>;

/** The value of a form. */
export type Of<F> = F extends Form<infer T, Presence> ? T : never;

export const group = <const F extends Fields>(about: string, fields: F): Group<F> => ({
  about,
  group: fields,
});

/** The fields of one value among those of the record around it; of an optional one none need be there. */
export function inline<const F extends Fields>(
  fields: F,
): Spread<ValueOf<F>> & { readonly presence: "required" };
export function inline<const F extends Fields>(
  fields: F,
  presence: "optional",
): Spread<ValueOf<F>> & { readonly presence: "optional" };
export function inline<F extends Fields>(fields: F, presence: Presence = "required"): Spread<ValueOf<F>> {
  return {
    spread: () => fields,
    write: (value) => value as Json,
    read: (parts) =>
      presence === "optional" && Object.keys(parts).length === 0 ? undefined : (parts as ValueOf<F>),
    presence,
  };
}

/** What a record is made of, compiled. All of them add to an object that is being made: documents have many keys. */
interface Compiled {
  readonly shape: (z: Zod) => Record<string, zod.ZodType>;
  readonly write: (value: Json, json: Made, derived: Json | undefined) => void;
  readonly read: (json: Json, value: Made) => void;
}
type Made = Record<string, unknown>;

function compile(fields: Fields): Compiled {
  const parts = Object.entries(fields).map(([name, field]) => compileField(name, field));
  return {
    shape: (z) => Object.assign({}, ...parts.map((part) => part.shape(z))),
    write: (value, json, derived) => {
      for (const part of parts) part.write(value, json, derived);
    },
    read: (json, value) => {
      for (const part of parts) part.read(json, value);
    },
  };
}

/** An object of its own, made by one of the two. */
function made(make: Compiled["write"], from: unknown, derived?: unknown): Made {
  const result: Made = {};
  make(from as Json, result, derived as Json | undefined);
  return result;
}

function compileField(name: string, field: Fields[string]): Compiled {
  if ("spread" in field) return compileSpread(name, field);
  if ("group" in field) {
    const [key, { shape, write, read }] = [snakeCase(name), compile(field.group)];
    return {
      shape: (z) => ({ [key]: z.object(shape(z), { error: "a JSON object" }).describe(field.about) }),
      write: (value, json, derived) => {
        json[key] = made(write, value, derived?.[key]);
      },
      read: (json, value) => read(json[key] as Json, value),
    };
  }
  const { schema, write, read, mayBeAbsent = false, ratioUnit = "Ratio" } = field.parts;
  const { key = snakeCase(name.replace(/Ratio$/, ratioUnit)) } = field.parts;
  return {
    shape: (z) => ({ [key]: mayBeAbsent ? schema(z).optional() : schema(z) }),
    write: (value, json, derived) => {
      const found = write(value[name], derived?.[key] as Json | undefined);
      if (found !== undefined) json[key] = found;
    },
    read: (json, value) => {
      const found = read(json[key]);
      if (found !== undefined) value[name] = found;
    },
  };
}

function compileSpread(name: string, field: Spread<unknown>): Compiled {
  const { shape, write, read } = compile(field.spread(name));
  const isOptional = field.presence === "optional";
  return {
    shape: isOptional ? (z) => mapValues(shape(z), (one) => one.optional()) : shape,
    write: (value, json, derived) => {
      if (value[name] !== undefined) write(field.write(value[name], name), json, derived);
    },
    read: (json, value) => {
      const found = field.read(made(read, json), name);
      if (found !== undefined) value[name] = found;
    },
  };
}

export interface RecordOptions<T> {
  /** It stands once in a JSON Schema, under this name. */
  readonly id?: string;
  /** Further keywords of its JSON Schema. */
  readonly keywords?: object;
  /** Values of its derived keys, also of those deep in it. */
  readonly derive?: (value: T) => Json;
  /** Reading refuses keys that it does not know. Default: passes over them. */
  readonly isClosed?: boolean;
}

/** An object whose keys are known. */
export function record<const F extends Fields>(
  about: string,
  fields: F,
  { id, keywords, derive, isClosed = false }: RecordOptions<ValueOf<F>> = {},
): Form<ValueOf<F>> {
  const { shape, write, read } = compile(fields);
  const meta = { description: about, ...(id === undefined ? {} : { id }), ...keywords };
  return new Form<ValueOf<F>>({
    schema: once((z) =>
      z[isClosed ? "strictObject" : "object"](shape(z), { error: "a JSON object" }).meta(meta),
    ),
    write: (value, derived) => made(write, value, derive === undefined ? derived : derive(value)),
    read: (json: Json) => made(read, json) as ValueOf<F>,
  });
}

type UnionOf<Tag extends string, V> = {
  [K in keyof V]: Flat<{ readonly [T in Tag]: K } & ValueOf<V[K]>>;
}[keyof V];

/** One of several kinds of objects, told apart by one key. */
export function tagged<const Tag extends string, const V extends Readonly<Record<string, Fields>>>(
  about: string,
  tag: Tag,
  kinds: V,
): Form<UnionOf<Tag, V>> {
  const compiled = new Map(Object.entries(kinds).map(([kind, fields]) => [kind, compile(fields)]));
  const of = (kind: unknown) => compiled.get(String(kind)) as Compiled;
  return new Form<UnionOf<Tag, V>>({
    schema: once((z) => {
      const objects = [...compiled].map(([kind, { shape }]) =>
        z.object({ [tag]: z.literal(kind).describe("Kind of the object."), ...shape(z) }),
      );
      const error = ({ path = [] }: { readonly path?: readonly unknown[] }) =>
        path.length === 0 ? "a JSON object" : [...compiled.keys()].join(" or ");
      return z.discriminatedUnion(tag, objects as never, { error: error as never }).describe(about);
    }),
    write: (value) => ({ [tag]: value[tag], ...made(of(value[tag]).write, value) }),
    read: (json: Json) => ({ [tag]: json[tag], ...made(of(json[tag]).read, json) }) as UnionOf<Tag, V>,
  });
}

/** So that what is used in several places is one thing in the JSON Schema. */
function once(make: (z: Zod) => zod.ZodType): (z: Zod) => zod.ZodType {
  let made: zod.ZodType | undefined;
  return (z) => {
    made ??= make(z);
    return made;
  };
}
