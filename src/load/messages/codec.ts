/** Descriptions of plain JSON: each makes a value into JSON and back, and checks all that comes in. */
import { BaleenError } from "../../core/errors.ts";

/** What came is not of the form that was agreed. */
export class CodecError extends BaleenError {
  /** Where in it: "ledger.sent.acknowledged". */
  readonly place: string;

  constructor(
    { place, wanted, got }: { readonly place: string; readonly wanted: string; readonly got: unknown },
    options?: { cause?: unknown },
  ) {
    const shown = got === undefined ? "nothing" : JSON.stringify(got).slice(0, 60);
    super("codec", `${place === "" ? "it" : place} is not ${wanted}: ${shown}`, options);
    this.place = place;
  }
}

export interface Codec<T> {
  /** Plain JSON; undefined is left out of an object. */
  readonly encode: (value: T) => unknown;
  /** @throws CodecError where it is of another form */
  readonly decode: (json: unknown, place: string) => T;
}

/** What a codec describes. */
export type Of<C> = C extends Codec<infer T> ? T : never;

function refuse(place: string, wanted: string, got: unknown): never {
  throw new CodecError({ place, wanted, got });
}

/** A codec of what stands in JSON as it is. */
function plain<T>(wanted: string, accepts: (json: unknown) => json is T): Codec<T> {
  return {
    encode: (value) => value,
    decode: (json, place) => (accepts(json) ? json : refuse(place, wanted, json)),
  };
}

export const finite = plain("a number", (json): json is number => Number.isFinite(json));
export const flag = plain("true or false", (json): json is boolean => typeof json === "boolean");

/** How often something was seen. */
export const count = plain(
  "a whole number from 0",
  (json): json is number => Number.isSafeInteger(json) && (json as number) >= 0,
);

export function text(mostCharacters: number): Codec<string> {
  return plain(
    `a text of at most ${mostCharacters} characters`,
    (json): json is string => typeof json === "string" && json.length <= mostCharacters,
  );
}

export function oneOf<const T extends string>(...values: readonly T[]): Codec<T> {
  return plain(`one of ${values.join(", ")}`, (json): json is T => values.includes(json as T));
}

/** A whole number from 0 of any size, as decimal digits. */
export const naturalBigInt: Codec<bigint> = {
  encode: (value) => value.toString(),
  decode: (json, place) => {
    if (typeof json !== "string" || !/^\d{1,400}$/.test(json)) refuse(place, "decimal digits", json);
    return BigInt(json);
  },
};

export function list<T>(item: Codec<T>, mostItems: number): Codec<readonly T[]> {
  return {
    encode: (values) => values.map(item.encode),
    decode: (json, place) => {
      if (!Array.isArray(json) || json.length > mostItems) {
        return refuse(place, `a list of at most ${mostItems}`, json);
      }
      return json.map((value, index) => item.decode(value, `${place}[${index}]`));
    },
  };
}

export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    encode: (value) => (value === undefined ? undefined : codec.encode(value)),
    decode: (json, place) => (json === undefined ? undefined : codec.decode(json, place)),
  };
}

/** Texts and numbers of a map, each text once. */
export function counts(mostCharacters: number, mostEntries: number): Codec<ReadonlyMap<string, number>> {
  const pairs = list(object({ text: text(mostCharacters), count }), mostEntries);
  return {
    encode: (map) => pairs.encode([...map].map(([name, times]) => ({ text: name, count: times }))),
    decode: (json, place) => {
      const map = new Map(pairs.decode(json, place).map((pair) => [pair.text, pair.count] as const));
      if (map.size !== (json as readonly unknown[]).length) refuse(place, "different texts", json);
      return map;
    },
  };
}

/** Each key of T has a codec of its own; the compiler sees that none is missing. Other keys are refused. */
export function object<T extends object>(fields: { readonly [K in keyof T]-?: Codec<T[K]> }): Codec<T> {
  const keys = Object.keys(fields) as (keyof T & string)[];
  return {
    encode: (value) => Object.fromEntries(keys.map((key) => [key, fields[key].encode(value[key])])),
    decode: (json, place) => {
      if (typeof json !== "object" || json === null || Array.isArray(json)) {
        return refuse(place, "an object", json);
      }
      const given = json as Readonly<Record<string, unknown>>;
      const stranger = Object.keys(given).find((key) => !keys.includes(key as keyof T & string));
      if (stranger !== undefined) refuse(place, `without "${stranger}"`, given[stranger]);
      const entries = keys
        .map((key) => [key, fields[key].decode(given[key], place === "" ? key : `${place}.${key}`)] as const)
        .filter(([, value]) => value !== undefined);
      return Object.fromEntries(entries) as unknown as T;
    },
  };
}

type Union<Kinds> = {
  readonly [K in keyof Kinds]: { readonly type: K } & Readonly<Of<Kinds[K]>>;
}[keyof Kinds];

/** Unions told apart by `type`. */
export function tagged<Kinds extends Readonly<Record<string, Pick<Codec<unknown>, "decode">>>>(
  kinds: Kinds,
): Codec<Union<Kinds>> {
  const known = kinds as unknown as Readonly<Record<string, Codec<object>>>;
  const kindOf = (type: unknown, place: string) => {
    const codec = typeof type === "string" && Object.hasOwn(known, type) ? known[type] : undefined;
    return codec ?? refuse(`${place}type`, `one of ${Object.keys(known).join(", ")}`, type);
  };
  return {
    encode: (value) => ({ type: value.type, ...(kindOf(value.type, "").encode(value) as object) }),
    decode: (json, place) => {
      if (typeof json !== "object" || json === null) return refuse(place, "an object", json);
      const { type, ...rest } = json as { readonly type?: unknown };
      return { type, ...kindOf(type, place === "" ? "" : `${place}.`).decode(rest, place) } as Union<Kinds>;
    },
  };
}

/** What another codec checks. */
export const unchecked: Codec<unknown> = { encode: (value) => value, decode: (json) => json };
