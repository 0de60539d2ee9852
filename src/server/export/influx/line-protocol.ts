/** InfluxDB's line protocol. */

export interface InfluxPoint {
  readonly measurement: string;
  /** Empty values are left out. */
  readonly tags: Readonly<Record<string, string>>;
  /** At least one that is known. A whole number is written as such where it is a bigint. */
  readonly fields: Readonly<Record<string, InfluxValue | undefined>>;
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number;
}

export type InfluxValue = number | bigint | string;

/**
 * A point as a line, without its line break. Measurements and names of tags and fields are ours, and need no escapes.
 *
 * @returns undefined where no field is known
 * @see https://docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference/
 */
export function formatPoint({ measurement, tags, fields, atMs }: InfluxPoint): string | undefined {
  const known = Object.entries(fields).flatMap(([name, value]) => {
    const text = value === undefined ? undefined : formatField(value);
    return text === undefined ? [] : [`${name}=${text}`];
  });
  if (known.length === 0) return undefined;
  const told = Object.entries(tags).flatMap(([name, value]) =>
    value === "" ? [] : [`,${name}=${escapeTag(value)}`],
  );
  return `${measurement}${told.join("")} ${known.join(",")} ${atMs}`;
}

function formatField(value: InfluxValue): string | undefined {
  if (typeof value === "bigint") return `${value}i`;
  if (typeof value === "string") return `"${plain(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  return Number.isFinite(value) ? String(value) : undefined;
}

/** A backslash cannot be written where it stands before a character that needs one: it becomes "_". */
const escapeTag = (value: string) => plain(value).replaceAll("\\", "_").replace(/[,= ]/g, "\\$&");

/** A line break would end the line, and no one else wants control characters. */
const plain = (text: string) => text.replace(/\p{Cc}/gu, "_");
