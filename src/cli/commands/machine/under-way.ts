import type { LockHolder } from "../../../core/process/lock.ts";
import { type ListedSweep, listBundles } from "../../../results/bundle/list-bundles.ts";
import { readProgress, type SweepProgress } from "../../../results/bundle/read-progress.ts";
import { formatAsked, formatForeign } from "../../../results/report/text/figures.ts";
import { present } from "../../../results/schema/numbers.ts";
import { describeEvent } from "../../terminal/event-text.ts";

/** A command that measures now. */
export interface UnderWay {
  readonly holder: LockHolder;
  /** Absent where its bundle is elsewhere, or it writes none. */
  readonly bundle?: UnderWayBundle | undefined;
}

interface UnderWayBundle {
  readonly name: string;
  readonly folder: string;
  readonly sweep: ListedSweep;
  readonly progress: SweepProgress;
}

/** The sweeps whose bundles are being written there, and whoever else holds this machine. @throws BundleReadError */
export async function findUnderWay(
  outputDir: string,
  lockHolder: LockHolder | undefined,
): Promise<readonly UnderWay[]> {
  const found: UnderWay[] = [];
  for (const { name, folder, state, sweep } of await listBundles(outputDir)) {
    const progress = state === "under-way" ? await readProgress(folder) : undefined;
    if (progress === undefined || sweep === undefined) continue;
    found.push({ holder: progress.holder, bundle: { name, folder, sweep, progress } });
  }
  const isKnown = found.some(({ holder }) => holder.pid === lockHolder?.pid);
  return lockHolder === undefined || isKnown ? found : [...found, { holder: lockHolder }];
}

export function formatUnderWay({ holder, bundle }: UnderWay): string[] {
  const command = `  ${formatForeign(holder.command)} (process ${holder.pid}, since ${formatForeign(holder.since)})`;
  if (bundle === undefined)
    return [`Under way, with no bundle here: run ${formatForeign(holder.run)}`, command];
  const { name, sweep, progress } = bundle;
  const planned = sweep.plannedRuns === undefined ? "" : ` of ${sweep.plannedRuns}`;
  const runs = sweep.plannedRuns === undefined && sweep.finishedRuns === 1 ? "run" : "runs";
  return [
    `Under way: ${formatForeign(name)}, ${sweep.finishedRuns}${planned} ${runs} finished`,
    ...describeProgress(progress, sweep),
    command,
  ];
}

function describeProgress({ created, second, last }: SweepProgress, { durationSecs }: ListedSweep): string[] {
  const run = created === undefined ? undefined : describeEvent(created)?.text;
  if (run === undefined || second === undefined) {
    const step = last === undefined ? undefined : describeEvent(last)?.text;
    const texts = [...new Set([run, step])].filter((text) => text !== undefined);
    return texts.length === 0 ? [] : [`  ${texts.join(", ")}`];
  }
  const elapsedSecs = second.second + 1;
  const of = durationSecs === undefined ? "" : ` of ${formatAsked(durationSecs)}`;
  const place =
    elapsedSecs <= 0
      ? "warm-up"
      : durationSecs !== undefined && elapsedSecs > durationSecs
        ? "drain"
        : `${formatAsked(elapsedSecs)}${of} s`;
  return [`  ${run}, ${place}: ${second.due} due, ${second.committed} committed in the last second`];
}

export function underWayJson({ holder, bundle }: UnderWay) {
  const progress = bundle?.progress;
  return present({
    run: holder.run,
    pid: holder.pid,
    since: holder.since,
    command: holder.command,
    bundle: bundle?.folder,
    finished_runs: bundle?.sweep.finishedRuns,
    planned_runs: bundle?.sweep.plannedRuns,
    duration: bundle?.sweep.durationSecs,
    benchmark_number: progress?.created?.benchmarkNumber,
    load: progress?.created?.loadTps,
    second: progress?.second?.second,
    step: progress?.last && describeEvent(progress.last)?.text,
  });
}
