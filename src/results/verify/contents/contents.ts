import type { BaleenEvent } from "../../../contracts/events.ts";
import type { HostSecond } from "../../../contracts/hosts/host-load.ts";
import type { NativeCounters } from "../../../contracts/load/node-load.ts";
import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { MeasuredRun, NativeResult } from "../../../contracts/results/native/native.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { formatJson } from "../../../core/documents/numbers.ts";
import { describeError } from "../../../core/errors.ts";
import { isDriven, isNative } from "../../../metrics/stats/run-metrics.ts";
import { isRunFile } from "../../bundle/reader.ts";
import { measuredRunJson, parseMeasuredRun, runFileName } from "../../schema/published-run.ts";
import { EarlierVersionError } from "../../schema/read-error.ts";
import { type ReportedRun, readEvents, runsInEvents } from "./events.ts";
import type { Files } from "./files.ts";
import type { FileFindings, Findings } from "./findings.ts";
import { type OpenLimits, readParameters } from "./parameters.ts";
import { type RowsByRun, readHostSeconds, readSeconds, type StoredSecond } from "./rows.ts";

/** A bundle's files but for the logs, and what could be read of them. */
export interface Contents {
  readonly files: Files;
  /** In order of their numbers; those that could be read. */
  readonly measured: readonly MeasuredRun[];
  /** Those of them whose load clients made. */
  readonly runs: readonly RunResult[];
  readonly nativeRuns: readonly NativeResult[];
  /** By what nodes that make the load count it; absent where they do not, or it is not known here. */
  readonly counters?: NativeCounters | undefined;
  /** Absent where parameters.json could not be read. */
  readonly parameters: SweepParameters | undefined;
  readonly events: readonly BaleenEvent[];
  /** What the events tell of the runs that finished, by their numbers. */
  readonly reported: ReadonlyMap<number, ReportedRun>;
  readonly seconds: RowsByRun<StoredSecond>;
  readonly hostSeconds: RowsByRun<HostSecond>;
}

/** Reads every file that has a form, and tells those that do not keep to it. @throws EarlierVersionError */
export function readContents(files: Files, openLimits: OpenLimits, findings: Findings): Contents {
  const measured = readRuns(files, findings);
  const parameters = readParameters(files, openLimits, findings);
  const isOfNodes = parameters?.protocol.native === true;
  const native = isOfNodes ? openLimits(parameters.protocol).native : undefined;
  const events = readEvents(files, findings);
  return {
    files,
    measured,
    runs: measured.filter(isDriven),
    nativeRuns: measured.filter(isNative),
    counters: native === true ? undefined : native,
    parameters,
    events,
    reported: runsInEvents(events),
    // Nobody followed single transactions of loads that nodes make.
    seconds: isOfNodes ? new Map() : readSeconds(files, findings),
    hostSeconds: readHostSeconds(files, findings),
  };
}

/** A check of each run whose load clients made, by itself. */
export function ofEachRun(check: (run: RunResult, found: FileFindings, contents: Contents) => void) {
  return (contents: Contents, findings: Findings) => {
    for (const run of contents.runs) check(run, findings.in(runFileName(run)), contents);
  };
}

function readRuns(files: Files, findings: Findings): MeasuredRun[] {
  const runs: MeasuredRun[] = [];
  for (const [file, text] of files) {
    if (!isRunFile(file)) continue;
    const found = findings.in(file);
    try {
      const run = parseMeasuredRun(JSON.parse(text));
      found.same("its name", file, runFileName(run));
      found.sameText(text, formatJson(measuredRunJson(run)));
      runs.push(run);
    } catch (error) {
      if (error instanceof EarlierVersionError) throw error;
      found.add("its form", describeError(error), "what a run's file has");
    }
  }
  runs.sort((a, b) => a.benchmarkNumber - b.benchmarkNumber);
  runs.forEach((run, index) => {
    findings.in(runFileName(run)).same("benchmark_number", run.benchmarkNumber, index + 1);
  });
  return runs;
}
