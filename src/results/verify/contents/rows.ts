/** Rows of a bundle's tables; told are those that are none. */
import type { HostSecond } from "../../../contracts/hosts/host-load.ts";
import { type CsvTable, hostLoadColumns, hostLoadTable, secondsTable } from "../../schema/csv.ts";
import { type Files, textOf } from "./files.ts";
import type { Findings } from "./findings.ts";

/** A row of timeseries.csv, by the names of its columns; what was not seen is absent. */
export interface StoredSecond {
  /** From 1, the head being the first. */
  readonly line: number;
  readonly values: Readonly<Record<string, number>>;
}

/** Rows by the run that they are of, in the order of the file. */
export type RowsByRun<Row> = ReadonlyMap<number, readonly Row[]>;

interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  readonly cells: readonly string[];
  readonly columns: readonly string[];
}

function* linesOf(files: Files, { name, header }: CsvTable, findings: Findings): Generator<Line> {
  const text = textOf(files, name, findings);
  if (text === undefined) return;
  const [head = "", ...lines] = text.split("\n");
  const found = findings.in(name);
  found.same("line 1", head, header);
  found.same("its last line", lines.pop(), "");
  const columns = head.split(",");
  for (const [index, line] of lines.entries()) {
    yield { number: index + 2, text: line, cells: line.split(","), columns };
  }
}

function rowsOf<Row>(rows: Map<number, Row[]>, run: number): Row[] {
  const known = rows.get(run) ?? [];
  rows.set(run, known);
  return known;
}

const isNumber = (cell: string | undefined) => String(Number(cell)) === cell;

export function readSeconds(files: Files, findings: Findings): RowsByRun<StoredSecond> {
  const found = findings.in(secondsTable.name);
  const rows = new Map<number, StoredSecond[]>();
  let run = 0;
  for (const { number: line, text, cells, columns } of linesOf(files, secondsTable, findings)) {
    const isRow = cells.length === columns.length && cells.every((cell) => cell === "" || isNumber(cell));
    found.holds(`line ${line}`, text, isRow, `${columns.length} numbers, as they are written`);
    if (!isRow) continue;
    const values = Object.fromEntries(
      cells.flatMap((cell, at) => (cell === "" ? [] : [[columns[at] ?? "", Number(cell)]])),
    );
    const number = values.benchmark_number ?? 0;
    const follows = `${run} or ${run + 1}: runs follow each other`;
    found.holds(`line ${line}, benchmark_number`, number, number === run || number === run + 1, follows);
    run = number;
    rowsOf(rows, number).push({ line, values });
  }
  return rows;
}

export function readHostSeconds(files: Files, findings: Findings): RowsByRun<HostSecond> {
  const found = findings.in(hostLoadTable.name);
  const rows = new Map<number, HostSecond[]>();
  let run = 0;
  for (const { number: line, text, cells } of linesOf(files, hostLoadTable, findings)) {
    const row = parseHostSecond(cells);
    found.holds(`line ${line}`, text, row !== undefined, "a row of one second of one machine");
    if (row === undefined) continue;
    const number = Number(cells[0]);
    const key = `line ${line}, benchmark_number`;
    found.holds(key, number, number >= run, `${run} or more: runs follow each other`);
    run = number;
    const ofRun = rowsOf(rows, number);
    const before = ofRun.findLast(({ host }) => host === row.host);
    const isLater = before === undefined || row.second > before.second;
    const follows = `more than ${before?.second}: no second has two rows`;
    found.holds(`line ${line}, second`, row.second, isLater, follows);
    ofRun.push(row);
  }
  return rows;
}

function parseHostSecond([number, second, host, ...figures]: readonly string[]): HostSecond | undefined {
  const isRow =
    figures.length === hostLoadColumns.length - 2 &&
    host !== "" &&
    [number, second].every((cell) => isNumber(cell) && Number.isInteger(Number(cell))) &&
    figures.every((cell) => cell === "" || isNumber(cell));
  if (!isRow) return undefined;
  const cells = [Number(second), host, ...figures.map((cell) => (cell === "" ? undefined : Number(cell)))];
  return Object.fromEntries(
    hostLoadColumns.map((column, at) => [column, cells[at]]),
  ) as unknown as HostSecond;
}
