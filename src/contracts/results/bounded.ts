import type { Fields, Form, Spread } from "../../core/documents/form.ts";

/** A value, or the bounds that are known of it. */
export interface BoundedValue {
  readonly value: number;
  /** A lower bound: transactions whose end was not seen are among what it was made from, or it is a bucket's edge. */
  readonly atLeast: boolean;
  /** Of a bucket, its other edge: the true value is not above it. */
  readonly upTo?: number | undefined;
}

/** No document has both a value and its bound. */
export const neverBoth = (...keys: readonly string[]) => ({
  allOf: keys.map((key) => ({ not: { required: [key, `${key}_at_least`] } })),
});

/** `value`, or `value_at_least`, and of a bucket `value_up_to` beside it. @param about the three of them */
export function bounded(
  number: (about: string) => Form<number>,
  [exact, atLeast, upTo]: readonly [exact: string, atLeast: string, upTo: string],
): Spread<BoundedValue> & { readonly presence: "optional" } {
  return {
    spread: (name): Fields => ({
      [name]: number(exact).optional(),
      [`${name}AtLeast`]: number(atLeast).optional(),
      [`${name}UpTo`]: number(upTo).optional(),
    }),
    write: (found, name) => ({
      [found.atLeast ? `${name}AtLeast` : name]: found.value,
      [`${name}UpTo`]: found.upTo,
    }),
    read: (parts, name) => {
      const found = parts as Readonly<Record<string, number | undefined>>;
      const [value, least, most] = [found[name], found[`${name}AtLeast`], found[`${name}UpTo`]];
      if (value !== undefined) return { value, atLeast: false };
      return least === undefined ? undefined : { value: least, atLeast: true, upTo: most };
    },
    presence: "optional",
  };
}
