/** What of a bundle is kept in a history, and in which series. Pure. */
import { createHash } from "node:crypto";
import type { HistoryEntry, HistorySeries } from "../../../contracts/results/history.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { isCounted } from "../../../metrics/stats/run-metrics.ts";
import { loadUnitOf, throughputUnitOf } from "../../report/text/load.ts";
import { measurementNames, parameterTexts } from "../comparison/parameter-differences.ts";
import { historyMetricNames, keptMetric } from "./metrics.ts";

/** A bundle, as far as a history knows it. */
export interface HistoryBundle {
  /** Id of its sweep. */
  readonly run: string;
  /** Name of its folder. */
  readonly bundle: string;
  readonly runs: readonly MeasuredRun[];
  /** "8 × AMD EPYC", each kind once. */
  readonly machines: readonly string[];
}

/** One load's runs of a bundle. */
export interface KeyedEntry {
  readonly series: HistorySeries;
  readonly entry: HistoryEntry;
}

/** An entry for each load that has runs that count, by load. */
export function historyEntries({ run, bundle, runs, machines }: HistoryBundle): KeyedEntry[] {
  const byLoad = Map.groupBy(runs.filter(isCounted), ({ parameters }) => parameters.loadTps);
  return [...byLoad]
    .sort(([a], [b]) => a - b)
    .map(([loadTps, counted]) => {
      const [first] = counted as [MeasuredRun];
      const all = runs.filter(({ parameters }) => parameters.loadTps === loadTps);
      const { name, tags } = first.parameters;
      return {
        series: seriesOf(loadTps, counted, machines),
        entry: {
          run,
          bundle,
          at: first.timestamp,
          name,
          tags,
          counted: counted.length,
          invalid: all.length - counted.length,
          disturbed: counted.filter(({ environment }) => environment?.disturbed === true).length,
          system: systemOf(counted),
          values: valuesOf(counted),
        },
      };
    });
}

/**
 * What entries of one series have in common: all that a comparison would refuse if it differed, the system and its
 * runtime, and the machines. Options of the system may differ: their effect is what a history is kept for.
 */
function seriesOf(loadTps: number, runs: readonly MeasuredRun[], machines: readonly string[]): HistorySeries {
  const texts = parameterTexts(runs);
  const networks = new Set(runs.map(({ parameters }) => parameters.networkType));
  const [networkType = "local"] = networks;
  const key = {
    protocol: texts.protocol ?? "",
    networkType,
    runtime: texts.runtime ?? "",
    loadTps,
    loadUnit: loadUnitOf(runs),
    throughputUnit: throughputUnitOf(runs),
    latencyKind: [...new Set(runs.map(({ latencyKind }) => latencyKind))].sort().join(" or "),
    machines: [...machines].sort(),
    parameters: Object.fromEntries(
      measurementNames(runs)
        .filter((name) => texts[name] !== undefined)
        .sort()
        .map((name) => [name, texts[name] as string]),
    ),
  };
  return { id: createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 12), ...key };
}

function systemOf(runs: readonly MeasuredRun[]): Readonly<Record<string, string>> {
  const measurement = new Set([...measurementNames(runs), "protocol", "runtime"]);
  return Object.fromEntries(Object.entries(parameterTexts(runs)).filter(([name]) => !measurement.has(name)));
}

/** A metric that not all runs know is not known: the mean of the others would be of better ones. */
function valuesOf(runs: readonly MeasuredRun[]): HistoryEntry["values"] {
  const known = historyMetricNames.flatMap((metric) => {
    const values = runs.map(keptMetric(metric).read).filter((value) => value !== undefined);
    return values.length < runs.length ? [] : [[metric, values] as const];
  });
  return Object.fromEntries(known);
}

/** Options of the system that are others than before: "50 → 70". */
export function systemDifferences(
  before: HistoryEntry | undefined,
  after: HistoryEntry,
): Readonly<Record<string, string>> {
  if (before === undefined) return {};
  const names = new Set([...Object.keys(before.system), ...Object.keys(after.system)]);
  return Object.fromEntries(
    [...names]
      .filter((name) => before.system[name] !== after.system[name])
      .map((name) => [name, `${before.system[name] ?? "-"} → ${after.system[name] ?? "-"}`]),
  );
}

/** Entries apart that are one and the same change: noise may move it by so many. */
export const nearby = 2;

/** The same between what was before a change and what came after it. @param index of its first entry */
export const systemAround = (entries: readonly HistoryEntry[], index: number) =>
  systemDifferences(
    entries[Math.max(0, index - 1 - nearby)],
    entries[Math.min(entries.length - 1, index + nearby)] as HistoryEntry,
  );

/** In what a series that has no history differs from the most similar one that has; empty where none is of its system. */
export function differsFrom(series: HistorySeries, others: readonly HistorySeries[]): string[] {
  const flat = ({ id: _, parameters, machines, loadTps, loadUnit, ...rest }: HistorySeries) => ({
    ...rest,
    load: `${loadTps} ${loadUnit}`,
    machines: machines.join(" and "),
    ...parameters,
  });
  const own: Readonly<Record<string, string>> = flat(series);
  const clauses = others
    .filter(({ protocol }) => protocol === series.protocol)
    .map((other) => {
      const its: Readonly<Record<string, string>> = flat(other);
      return [...new Set([...Object.keys(own), ...Object.keys(its)])]
        .filter((name) => own[name] !== its[name])
        .map((name) => `${name} is ${own[name] ?? "-"} here and ${its[name] ?? "-"} there`);
    });
  return clauses.sort((a, b) => a.length - b.length)[0] ?? [];
}
