import type { HostSecond } from "../../../contracts/hosts/host-load.ts";
import { hostLoadName } from "../../bundle/writer.ts";
import { hostLoadHeader } from "../../schema/host-load-csv.ts";
import type { Findings } from "./findings.ts";

/** Rows of host-load.csv by the run that they are of, in the order of the file. */
export type StoredHostSeconds = ReadonlyMap<number, readonly HostSecond[]>;

/** Reads host-load.csv; told are rows that are none. */
export function readHostSeconds(files: ReadonlyMap<string, string>, findings: Findings): StoredHostSeconds {
  const rows = new Map<number, HostSecond[]>();
  const text = files.get(hostLoadName);
  if (text === undefined) {
    findings.add({ file: hostLoadName, key: "it" }, "nothing", "a file that every bundle has");
    return rows;
  }
  const [head = "", ...lines] = text.split("\n");
  findings.same({ file: hostLoadName, key: "line 1" }, head, hostLoadHeader);
  findings.same({ file: hostLoadName, key: "its last line" }, lines.pop(), "");
  let run = 0;
  for (const [index, line] of lines.entries()) {
    const place = { file: hostLoadName, key: `line ${index + 2}` };
    const [number, row] = parseRow(line);
    findings.holds(place, line, { holds: row !== undefined, follows: "a row of one second of one machine" });
    if (row === undefined) continue;
    findings.holds({ ...place, key: `${place.key}, benchmark_number` }, number, {
      holds: number === run || number > run,
      follows: `${run} or more: runs follow each other`,
    });
    run = number;
    const ofRun = rows.get(number) ?? [];
    const before = ofRun.findLast(({ host }) => host === row.host);
    findings.holds({ ...place, key: `${place.key}, second` }, row.second, {
      holds: before === undefined || row.second > before.second,
      follows: `more than ${before?.second}: no second has two rows`,
    });
    ofRun.push(row);
    rows.set(number, ofRun);
  }
  return rows;
}

function parseRow(line: string): readonly [number, HostSecond | undefined] {
  const cells = line.split(",");
  const [number, second, host = "", ...figures] = cells;
  const numbers = [number, second, ...figures];
  const isRow =
    cells.length === hostLoadHeader.split(",").length &&
    host !== "" &&
    Number.isInteger(Number(number)) &&
    Number.isInteger(Number(second)) &&
    numbers.every((cell, at) => (cell === "" ? at > 1 : String(Number(cell)) === cell));
  if (!isRow) return [Number(number), undefined];
  const [busy, background, steal, frequency, memory, pressure, network] = figures.map((cell) =>
    cell === "" ? undefined : Number(cell),
  );
  return [
    Number(number),
    {
      host,
      second: Number(second),
      busyRatio: busy,
      backgroundRatio: background,
      stealRatio: steal,
      frequencyMhz: frequency,
      memoryAvailableBytes: memory,
      memoryPressureRatio: pressure,
      networkBytesPerSec: network,
    },
  ];
}
