/** What a setting may be: how it is checked, and what a person is told of it. */
export type AllowedValue =
  | { readonly kind: "number"; readonly least: number; readonly most: number; readonly whole: boolean }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  /** Any line of text. */
  | { readonly kind: "text" };

/** Whole numbers, both ends included. */
export function range(least: number, most: number) {
  return { kind: "number", least, most, whole: true } as const;
}

export function oneOf(...choices: readonly string[]) {
  return { kind: "choice", choices } as const;
}

/** "a whole number from 1 to 100". */
export function describeAllowedValue(allowed: AllowedValue): string {
  if (allowed.kind === "choice") return `one of ${allowed.choices.join(", ")}`;
  if (allowed.kind === "text") return "a line of text";
  return `a ${allowed.whole ? "whole " : ""}number from ${allowed.least} to ${allowed.most}`;
}

export function isAllowedValue(value: unknown, allowed: AllowedValue): value is number | string {
  if (allowed.kind === "choice") return allowed.choices.some((choice) => choice === value);
  if (allowed.kind === "text") return typeof value === "string" && !/[\r\n]/.test(value);
  if (typeof value !== "number" || !(value >= allowed.least && value <= allowed.most)) return false;
  return !allowed.whole || Number.isInteger(value);
}
