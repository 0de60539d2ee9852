/** minRoundDelayMs → min_round_delay_ms */
export const snakeCase = (name: string) => name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);

/** The inverse of `snakeCase`. */
export const camelCase = (name: string) =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** What is made of each of these names, under it. */
export const recordOf = <Name extends string, T>(names: readonly Name[], make: (name: Name) => T) =>
  Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, T>;

export const mapValues = <T, U>(
  entries: Readonly<Record<string, T>>,
  change: (one: T) => U,
): Record<string, U> => Object.fromEntries(Object.entries(entries).map(([name, one]) => [name, change(one)]));

export const mapKeys = <T>(
  entries: Readonly<Record<string, T>>,
  change: (name: string) => string,
): Record<string, T> => Object.fromEntries(Object.entries(entries).map(([name, one]) => [change(name), one]));

/** Whether a value is a table of keys and values. */
export const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
