import { FormError } from "../../core/documents/check-form.ts";

/** Reads the keys of one JSON object, each checked; errors name the key with the way to it. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;

  /** @throws FormError where it is no object */
  constructor(value: unknown, path = "") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new FormError(path === "" ? "it" : path, "a JSON object");
    }
    this.#values = value as Record<string, unknown>;
    this.#path = path;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#values, key);
  }

  keys(): readonly string[] {
    return Object.keys(this.#values);
  }

  /** Whatever it is; undefined where there is no such key. */
  value(key: string): unknown {
    return this.has(key) ? this.#values[key] : undefined;
  }

  number(key: string): number {
    const value = this.value(key);
    if (typeof value !== "number") throw new FormError(this.#name(key), "a number");
    return value;
  }

  /** A whole number, 0 or more. */
  count(key: string): number {
    const value = this.number(key);
    if (!Number.isInteger(value) || value < 0) throw new FormError(this.#name(key), "a count");
    return value;
  }

  text(key: string): string {
    const value = this.value(key);
    if (typeof value !== "string") throw new FormError(this.#name(key), "a text");
    return value;
  }

  flag(key: string): boolean {
    const value = this.value(key);
    if (typeof value !== "boolean") throw new FormError(this.#name(key), "true or false");
    return value;
  }

  choice<T extends string>(key: string, ...choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.value(key));
    if (found === undefined) throw new FormError(this.#name(key), choices.join(" or "));
    return found;
  }

  object(key: string): Fields {
    return new Fields(this.value(key), this.#name(key));
  }

  list<T>(key: string, read: (item: unknown, path: string) => T): T[] {
    const value = this.value(key);
    if (!Array.isArray(value)) throw new FormError(this.#name(key), "a list");
    return value.map((item, index) => read(item, `${this.#name(key)}[${index}]`));
  }

  objects<T>(key: string, read: (fields: Fields) => T): T[] {
    return this.list(key, (item, path) => read(new Fields(item, path)));
  }

  /** What `read` gives, undefined where there is no such key. */
  optional<T>(key: string, read: (key: string) => T): T | undefined {
    return this.has(key) ? read(key) : undefined;
  }

  numberIfAny(key: string): number | undefined {
    return this.optional(key, (name) => this.number(name));
  }

  textIfAny(key: string): string | undefined {
    return this.optional(key, (name) => this.text(name));
  }

  /** All keys, unchecked. */
  all(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  #name(key: string): string {
    return this.#path === "" ? key : `${this.#path}.${key}`;
  }
}
