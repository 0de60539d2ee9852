import type { SeenNode, SeenNodes } from "../../../contracts/nodes/seen-node.ts";
import type { LockHolder } from "../../../core/process/lock.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { removalCommand } from "../../../deploy/engine/ownership.ts";
import { readProgress, type SweepProgress } from "../../../results/bundle/events.ts";
import { type ListedBundle, type ListedSweep, listBundles } from "../../../results/bundle/list-bundles.ts";
import { describeEvent, describeRoutineStep } from "../../../results/report/text/event-text.ts";
import { formatAsked } from "../../../results/report/text/figures.ts";
import { formatNodeTable } from "../../../results/report/text/node-list.ts";
import { preflightLook } from "../../../run/prepare/preflight.ts";
import { readOutputDir } from "../../options/command-options.ts";
import { type Command, printFound } from "../../terminal/context.ts";
import { readMachines } from "./seen-machines.ts";

interface Status extends SeenNodes {
  readonly underWay: readonly UnderWay[];
}

/** `status`: what runs now. Exit code 1 where a host cannot be looked at. */
export const runStatus: Command = async (request, context, backend) => {
  const { clock, signal } = context;
  const outputDir = readOutputDir(request);
  const open = readMachines(request);
  const look = async () => findUnderWay(outputDir, await backend.lockHolder());
  const underWay = await preflightLook(request.diagnostics, look, signal);
  await using opened = await open(context, backend);
  const status: Status = { underWay, ...(await opened.look()) };
  signal.throwIfAborted();
  printFound(context, () => statusJson(status), formatStatus(status, clock.wallMs()));
  return status.diagnostics.length === 0 ? 0 : 1;
};

function formatStatus({ underWay, nodes, diagnostics }: Status, nowMs: number): string {
  const paragraphs = [
    ...underWay.map((one) => formatUnderWay(one).join("\n")),
    ...(nodes.length === 0 ? [] : [formatNodeTable(nodes, nowMs), describeRuns(nodes).join("\n")]),
    diagnostics.map(({ message }) => formatForeign(message)).join("\n"),
  ];
  return paragraphs.filter((text) => text !== "").join("\n\n") || "Nothing runs here.";
}

/** Who drives each run, or how what is left of it is removed. */
function describeRuns(nodes: readonly SeenNode[]): string[] {
  const runs = Map.groupBy(nodes, ({ run }) => run);
  return [...runs].map(([run, own]) => {
    const driver = own.find((node) => node.driver !== undefined)?.driver;
    const runtime = [...new Set(own.map((node) => node.runtime))].join(" and ");
    const isHere = own.some(({ host }) => host === undefined);
    const removal = isHere ? removalCommand(run) : `npx baleen hosts clean --hosts FILE --run ${run}`;
    const what = driver === undefined ? `left behind; remove it with: ${removal}` : `driven by ${driver}`;
    return formatForeign(`Run ${run} (${runtime}): ${what}`);
  });
}

function statusJson({ underWay, nodes, diagnostics }: Status) {
  return {
    schema: "baleen.status/1",
    under_way: underWay.map(underWayJson),
    nodes: nodes.map(({ run, host, name, runtime, state, startedAtMs, ports, driver }) => ({
      run,
      host,
      node: name,
      runtime,
      state,
      started: startedAtMs === undefined ? undefined : new Date(startedAtMs).toISOString(),
      ports,
      driver,
    })),
    faults: diagnostics,
  };
}

/** A command that measures now. */
interface UnderWay {
  readonly holder: LockHolder;
  /** Absent where its bundle is elsewhere, or it writes none. */
  readonly bundle?: Pick<ListedBundle, "name" | "folder"> & {
    readonly sweep: ListedSweep;
    readonly progress: SweepProgress;
  };
}

/** The sweeps that write bundles in this folder, and the command that locks this machine. @throws BundleReadError */
async function findUnderWay(
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

function formatUnderWay({ holder, bundle }: UnderWay): string[] {
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

function describeProgress(progress: SweepProgress, { durationSecs }: ListedSweep): string[] {
  const { created, second, step: routines, last } = progress;
  const run = created === undefined ? undefined : describeEvent(created)?.text;
  const windowSecs = created?.windowSecs ?? durationSecs;
  if (run !== undefined && routines !== undefined && windowSecs !== undefined) {
    return [`  ${run}, ${describeRoutineStep(routines, windowSecs)}`];
  }
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

function underWayJson({ holder, bundle }: UnderWay) {
  const progress = bundle?.progress;
  return {
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
    second: progress?.second?.second ?? progress?.step?.second,
    step: progress?.last && describeEvent(progress.last)?.text,
  };
}
