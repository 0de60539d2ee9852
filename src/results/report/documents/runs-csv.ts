/** Runs for spreadsheets: one row each, with every figure of its file. */
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { measuredRunJson } from "../../schema/published-run.ts";

/** Some runs, and what tells them from others in the same table. */
export interface NamedRuns {
  /** "A", "local", or the name of a bundle. */
  readonly side: string;
  /** Of a point of a variation: what was varied, and its values. */
  readonly varied?: { readonly options: readonly string[]; readonly values: readonly Cell[] } | undefined;
  readonly runs: readonly MeasuredRun[];
}

type Cell = string | number | boolean;

/** What a run's file says of others than the run as a whole. */
const notOfRun: ReadonlySet<string> = new Set(["schema", "protocol_options", "links", "profile", "timeline"]);

/**
 * A table with a head: the side, what was varied, then keys of the runs' files joined by dots, each with its unit in brackets. Lists have
 * no place in a row, but for the reasons of the verdict. RFC 4180; a cell that was not seen is empty.
 */
export function formatRunsCsv(sides: readonly NamedRuns[]): string {
  const rows = sides.flatMap(({ side, varied, runs }) => {
    const point = varied?.options.map(
      (name, place) => [`varied.${name}`, varied.values[place] ?? ""] as const,
    );
    return runs.map(
      (run) =>
        new Map<string, Cell>([
          ["side", side],
          ...(point ?? []),
          ...leaves(measuredRunJson(run)),
          reasonsOf(run),
        ]),
    );
  });
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const lines = [columns.map(headOf), ...rows.map((row) => columns.map((column) => row.get(column) ?? ""))];
  return lines.map((cells) => `${cells.map(formatCell).join(",")}\r\n`).join("");
}

const reasonsOf = ({ verdict }: MeasuredRun) => ["verdict.reasons", verdict.reasons.join("; ")] as const;

function leaves(value: object, path: readonly string[] = []): (readonly [string, Cell])[] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => {
    if (notOfRun.has(key) || Array.isArray(item)) return [];
    const place = [...path, key];
    if (typeof item === "object" && item !== null) return leaves(item, place);
    return item === null || item === undefined ? [] : [[place.join("."), item as Cell] as const];
  });
}

/** Behind which keys stands which unit. */
const units: readonly (readonly [RegExp, string])[] = [
  [/_ms(_at_least)?$/, "ms"],
  [/_us2$/, "µs²"],
  [/_us$/, "µs"],
  [/_us_per_commit$/, "µs"],
  [/_secs$|^parameters\.(duration|crash_interval)$/, "s"],
  [/_bytes$|^parameters\.transaction_size$/, "bytes"],
  [/_percent$/, "%"],
  [/_bps$/, "bit/s"],
  [/(^|\.)(throughput|offered_load|submitted_load)$/, "tx/s"],
  // Of a closed loop: kind tells.
  [/(^|\.)load$/, "tx/s or in flight"],
  [/^ledger\.|_transactions$|\.latency\..*\.(count|censored)$|^lateness\.(count|censored)$/, "transactions"],
];

function headOf(column: string): string {
  const unit = units.find(([pattern]) => pattern.test(column))?.[1];
  return unit === undefined ? column : `${column} [${unit}]`;
}

/** Spreadsheets take a text that begins so for a formula; names and reasons come from outside. */
const formula = /^[=+\-@\t\r]/;

function formatCell(cell: Cell): string {
  if (typeof cell !== "string") return String(cell);
  const text = formula.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
