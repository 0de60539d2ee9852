/** The tables of a bundle, a row for each second. A cell is empty where nothing was seen. */
import type { SecondRow } from "../../contracts/events.ts";
import type { HostSecond } from "../../contracts/hosts/host-load.ts";
import { rounded } from "../../core/documents/numbers.ts";
import { snakeCase } from "../../core/keys.ts";

export interface CsvTable {
  readonly name: string;
  readonly header: string;
}

const tableOf = (name: string, columns: readonly string[]): CsvTable => ({
  name,
  header: ["benchmark_number", ...columns].join(","),
});

const secondColumns = [
  "second",
  "due",
  "sent",
  "acknowledged",
  "committed",
  "p50Ms",
  "p99Ms",
  "latenessP99Ms",
  "loopDelayMaxMs",
  "cpuRatio",
  "gcPauseMs",
] as const satisfies readonly (keyof SecondRow)[];

/** Where a row's field stands: under its name in snake case, but for one that says whose it is. */
export const secondColumn = (field: string) =>
  field === "cpuRatio" ? "generator_cpu_ratio" : snakeCase(field);

export const secondsTable = tableOf("timeseries.csv", secondColumns.map(secondColumn));

export function secondsLine(benchmarkNumber: number, row: SecondRow): string {
  const cells = secondColumns.map((column) => row[column]);
  return [benchmarkNumber, ...cells.map((value) => (value === undefined ? "" : rounded(value)))].join(",");
}

export const hostLoadColumns = [
  "second",
  "host",
  "busyRatio",
  "backgroundRatio",
  "stealRatio",
  "frequencyMhz",
  "memoryAvailableBytes",
  "memoryPressureRatio",
  "networkBytesPerSec",
] as const satisfies readonly (keyof HostSecond)[];

export const hostLoadTable = tableOf("host-load.csv", hostLoadColumns.map(snakeCase));

export function hostLoadLine(benchmarkNumber: number, row: HostSecond): string {
  return [benchmarkNumber, ...hostLoadColumns.map((column) => row[column])].join(",");
}
