import { timeseriesHeader } from "../../bundle/timeseries.ts";
import type { Findings } from "./findings.ts";

export const secondsFile = "timeseries.csv";

/** A row of timeseries.csv, by the names of its columns; what was not seen is absent. */
export interface StoredSecond {
  /** From 1, the head being the first. */
  readonly line: number;
  readonly values: Readonly<Record<string, number>>;
}

/** Rows by the run that they are of, in the order of the file. */
export type StoredSeconds = ReadonlyMap<number, readonly StoredSecond[]>;

/** Reads timeseries.csv; told are rows that are none. */
export function readSeconds(files: ReadonlyMap<string, string>, findings: Findings): StoredSeconds {
  const seconds = new Map<number, StoredSecond[]>();
  const text = files.get(secondsFile);
  if (text === undefined) {
    findings.add({ file: secondsFile, key: "it" }, "nothing", "a file that every bundle has");
    return seconds;
  }
  const [head = "", ...lines] = text.split("\n");
  findings.same({ file: secondsFile, key: "line 1" }, head, timeseriesHeader);
  findings.same({ file: secondsFile, key: "its last line" }, lines.pop(), "");
  const columns = head.split(",");
  let run = 0;
  for (const [index, text] of lines.entries()) {
    const place = { file: secondsFile, key: `line ${index + 2}` };
    const cells = text.split(",");
    const isRow = cells.length === columns.length && cells.every(isCell);
    findings.holds(place, text, { holds: isRow, follows: `${columns.length} numbers, as they are written` });
    if (!isRow) continue;
    const values = Object.fromEntries(
      cells.flatMap((cell, at) => (cell === "" ? [] : [[columns[at] ?? "", Number(cell)]])),
    );
    const number = values.benchmark_number ?? 0;
    findings.holds({ ...place, key: `${place.key}, benchmark_number` }, number, {
      holds: number === run || number === run + 1,
      follows: `${run} or ${run + 1}: runs follow each other`,
    });
    run = number;
    const rows = seconds.get(number) ?? [];
    rows.push({ line: index + 2, values });
    seconds.set(number, rows);
  }
  return seconds;
}

const isCell = (cell: string) => cell === "" || String(Number(cell)) === cell;
