/** Values with a unit, as people write them: 50ms, 1%, 20mbit, 64kB. */

/** What may be written, and what it is in the unit that the code has. */
export interface QuantityKind {
  /** "a time such as 50ms, 1.5s or 250us". */
  readonly expected: string;
  /** Unit → factor to the code's unit. Upper and lower case count alike. */
  readonly units: Readonly<Record<string, number>>;
  /** Limits in the code's unit, both allowed, and as they are written. */
  readonly least: number;
  readonly most: number;
  readonly limits: string;
}

const timeUnits = { us: 0.001, ms: 1, s: 1000 } as const;
const byteUnits = { B: 1, kB: 1000, MB: 1_000_000 } as const;

/** Milliseconds. */
export const duration: QuantityKind = {
  expected: "a time such as 50ms, 1.5s or 250us",
  units: timeUnits,
  least: 0,
  most: 60_000,
  limits: "0ms to 60s",
};

/** A ratio, 0 to 1. */
export const share: QuantityKind = {
  expected: "a percentage such as 1% or 0.05%",
  units: { "%": 0.01 },
  least: 0,
  most: 1,
  limits: "0% to 100%",
};

/** Bits per second. */
export const bitRate: QuantityKind = {
  expected: "a rate such as 100kbit, 20mbit or 1gbit",
  units: { bit: 1, kbit: 1000, mbit: 1_000_000, gbit: 1_000_000_000 },
  least: 1000,
  most: 100_000_000_000,
  limits: "1kbit to 100gbit",
};

/** Milliseconds that something waits. Not 0: a queue without room forwards nothing. */
export const waitingTime: QuantityKind = { ...duration, least: 0.001, limits: "1us to 60s" };

/** Bytes; at least one packet. */
export const byteSize: QuantityKind = {
  expected: "a size such as 64kB or 1MB",
  units: byteUnits,
  least: 1500,
  most: 1_000_000_000,
  limits: "1500B to 1000MB",
};

/** Bytes of a packet, a message or a picture. */
export const payloadSize: QuantityKind = { ...byteSize, least: 1, limits: "1B to 1000MB" };

/** Metres. */
export const distance: QuantityKind = {
  expected: "a distance such as 100m or 2.5km",
  units: { m: 1, km: 1000 },
  least: 0,
  most: 100_000_000,
  limits: "0m to 100000km",
};

/** Metres per second. */
export const speed: QuantityKind = {
  expected: "a speed such as 2m/s or 50km/h",
  units: { "m/s": 1, "km/h": 1 / 3.6 },
  least: 0.001,
  most: 1_000_000,
  limits: "0.001m/s to 1000000m/s",
};

export type ParsedQuantity = { readonly value: number } | { readonly problem: string };

const written = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z%/]*)$/i;

/**
 * Parses a written value.
 *
 * @param given text, or what stands in its place in a file
 * @returns the value in the unit of its kind; or what is wrong with it and what is expected, without a full stop
 */
export function parseQuantity(given: unknown, kind: QuantityKind): ParsedQuantity {
  const { expected, units, least, most, limits } = kind;
  const shown = showGiven(given);
  const match =
    typeof given === "string" || typeof given === "number" ? written.exec(String(given).trim()) : null;
  if (match === null) return { problem: `${shown} cannot be read; give ${expected}` };
  const [, digits = "", unit = ""] = match;
  if (unit === "") return { problem: `${shown} has no unit; give ${expected}` };
  const known = Object.keys(units).find((name) => name.toLowerCase() === unit.toLowerCase());
  if (known === undefined) return { problem: `${shown} has an unknown unit; give ${expected}` };
  // Twelve digits: 1.1 s is 1100 ms, although 1.1 * 1000 is not 1100.
  const value = Number((Number(digits) * (units[known] ?? 1)).toPrecision(12));
  if (value < least || value > most) return { problem: `${shown} is out of range; give ${limits}` };
  return { value };
}

function showGiven(given: unknown): string {
  const text = typeof given === "string" ? given : (JSON.stringify(given) ?? String(given));
  return `"${text.length > 40 ? `${text.slice(0, 39)}…` : text}"`;
}

/** Writes a value in the largest unit of its kind of which there is one at least: 1.5mbit. */
export function formatQuantity(value: number, { units }: QuantityKind): string {
  const falling = Object.entries(units).sort(([, a], [, b]) => b - a);
  const [unit, factor] = falling.find(([, one]) => value >= one) ?? falling.at(-1) ?? ["", 1];
  return `${Number((value / factor).toPrecision(12))}${unit}`;
}
