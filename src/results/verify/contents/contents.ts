import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { BaleenEvent } from "../../../contracts/events.ts";
import type { NativeCounters } from "../../../contracts/load/node-load.ts";
import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { MeasuredRun, NativeResult } from "../../../contracts/results/native.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { formatJson } from "../../../core/documents/numbers.ts";
import { describeError } from "../../../core/errors.ts";
import { isDriven, isNative } from "../../../metrics/stats/run-metrics.ts";
import { isRunFile } from "../../bundle/reader.ts";
import { EarlierVersionError } from "../../schema/earlier-version.ts";
import { Fields } from "../../schema/fields.ts";
import { measuredFileName, measuredRunJson, parseMeasuredRun } from "../../schema/published-run.ts";
import { readEvents } from "./events.ts";
import type { Findings } from "./findings.ts";
import { readHostSeconds, type StoredHostSeconds } from "./host-seconds.ts";
import { type OpenLimits, readParameters } from "./parameters.ts";
import { readSeconds, type StoredSeconds } from "./seconds.ts";

/** A bundle's files but for the logs, and what could be read of them. */
export interface Contents {
  /** By path within the bundle, with forward slashes. */
  readonly files: ReadonlyMap<string, string>;
  /** In order of their numbers; those that could be read. */
  readonly measured: readonly MeasuredRun[];
  /** Those of them whose load clients made. */
  readonly runs: readonly RunResult[];
  /** Those of them whose load the nodes made. */
  readonly nativeRuns: readonly NativeResult[];
  /** By what nodes that make the load count it; absent where they do not, or it is not known here. */
  readonly counters?: NativeCounters | undefined;
  /** Absent where parameters.json could not be read. */
  readonly parameters: SweepParameters | undefined;
  readonly events: readonly BaleenEvent[];
  readonly seconds: StoredSeconds;
  readonly hostSeconds: StoredHostSeconds;
}

/** Texts of all files of a bundle but its nodes' logs, by path. */
export async function readFiles(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join("/");
    if (!entry.isFile() || entry.name.startsWith(".") || name.startsWith("logs/")) continue;
    files.set(name, await readFile(path, "utf8"));
  }
  return files;
}

/**
 * Reads every file that has a form, and tells those that do not keep to it.
 *
 * @throws EarlierVersionError
 */
export function readContents(
  files: ReadonlyMap<string, string>,
  openLimits: OpenLimits,
  findings: Findings,
): Contents {
  const measured = readRuns(files, findings);
  const parameters = readParameters(files, openLimits, findings);
  const isOfNodes = parameters?.protocol.native === true;
  const native = isOfNodes ? openLimits(parameters.protocol).native : undefined;
  return {
    files,
    measured,
    runs: measured.filter(isDriven),
    nativeRuns: measured.filter(isNative),
    counters: native === true ? undefined : native,
    parameters,
    events: readEvents(files, findings),
    // Nobody followed single transactions of loads that nodes make.
    seconds: isOfNodes ? new Map() : readSeconds(files, findings),
    hostSeconds: readHostSeconds(files, findings),
  };
}

/** Place of a run's file. */
export const fileOf = measuredFileName;

function readRuns(files: ReadonlyMap<string, string>, findings: Findings): MeasuredRun[] {
  const runs: MeasuredRun[] = [];
  for (const [file, text] of files) {
    if (!isRunFile(file)) continue;
    try {
      const document: unknown = JSON.parse(text);
      const run = parseMeasuredRun(document);
      findings.same({ file, key: "its name" }, file, measuredFileName(run));
      findings.sameText(file, text, formatJson(measuredRunJson(run)));
      runs.push(run);
    } catch (error) {
      if (error instanceof EarlierVersionError) throw error;
      findings.add({ file, key: "its form" }, describeError(error), "what a run's file has");
    }
  }
  runs.sort((a, b) => a.benchmarkNumber - b.benchmarkNumber);
  runs.forEach((run, index) => {
    findings.same({ file: fileOf(run), key: "benchmark_number" }, run.benchmarkNumber, index + 1);
  });
  return runs;
}

/** A JSON object of the bundle; undefined, and told, where it is none or is not there. */
export function readObject(
  files: ReadonlyMap<string, string>,
  file: string,
  findings: Findings,
): Fields | undefined {
  const text = files.get(file);
  if (text === undefined) {
    findings.add({ file, key: "it" }, "nothing", "a file that every bundle has");
    return undefined;
  }
  try {
    return new Fields(JSON.parse(text));
  } catch (error) {
    findings.add({ file, key: "its form" }, describeError(error), "a JSON object");
    return undefined;
  }
}
