import { join } from "node:path";
import type { Leftover } from "../../contracts/deployment.ts";
import type { Emit } from "../../contracts/events.ts";
import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import type { EventRelay } from "../../contracts/results/relay.ts";
import { explainError } from "../../core/explain.ts";
import { removalCommand } from "../../deploy/engine/ownership.ts";
import { committeeNames } from "../../deploy/nodes/planned.ts";
import { hostsCleanCommand } from "../../deploy/remote/network.ts";
import { runFigures } from "../../metrics/stats/run-metrics.ts";
import { listHostFlags } from "../../options/hosts/join.ts";
import { concludeSweep } from "../../results/analysis/conclude.ts";
import { openSchedule } from "../../results/analysis/schedule/schedule.ts";
import { makeSweepPage } from "../../results/page/make.ts";
import { formatSummaryText } from "../../results/report/documents/summary-text.ts";
import { runFileName } from "../../results/schema/published-run.ts";
import type { EndedSweep, MeasuredSummary } from "../../results/schema/summary.ts";
import type { ManualLinks } from "../faults/manual-links.ts";
import type { Backend } from "../prepare/backend.ts";
import type { PreparedSweep, RunContext } from "../prepare/prepare.ts";
import { type EventListener, openEmitter, type Watcher } from "./emitter.ts";
import { runSweep } from "./sweep.ts";

export interface SweepListeners {
  readonly onEvent: EventListener;
  readonly onPassing: Watcher;
  /** Brings what a person changes by hand to the run that goes on; absent: nobody can. */
  readonly manual?: ManualLinks | undefined;
  /** Gets every event, too; what it came to is in the summary. */
  readonly relay?: EventRelay | undefined;
  /** A run that has ended, its file being written. @param finished runs so far, this one too */
  readonly onResult: (result: MeasuredRun, finished: number) => void;
}

export interface ConductedSweep {
  readonly summary: MeasuredSummary;
  /** What the last network leaves behind, and how to remove it. */
  readonly leftover?: Leftover | undefined;
  /** What ended it early. */
  readonly error?: unknown;
  /** Why the bundle has no summary. */
  readonly unwritten?: unknown;
}

/** Runs a prepared sweep and keeps it in its bundle. What ends it early is returned, with what was found so far. */
export async function conductSweep(
  sweep: PreparedSweep,
  { clientRuntime, findProgram }: Pick<Backend, "clientRuntime" | "findProgram">,
  { clock, signal, tool, ...listeners }: Pick<RunContext, "clock" | "signal" | "tool"> & SweepListeners,
): Promise<ConductedSweep> {
  const { run, parameters, bundle, held, workload } = sweep;
  const emit = openEmitter(
    { run, clock, firstSeqs: held?.nextSeqs },
    [
      listeners.onEvent,
      (event) => bundle?.appendEvent(event),
      ...(listeners.relay === undefined ? [] : [listeners.relay.observe]),
    ],
    [listeners.onPassing],
  );
  const startedAt = held?.startedAt ?? new Date(clock.wallMs()).toISOString();
  const results = workload.own(held?.stored.runs ?? []);
  reportStart(sweep, emit);
  let leftover: Leftover | undefined;
  let error: unknown;
  try {
    ({ leftover } = await runSweep<MeasuredRun>(parameters, {
      ...sweep,
      clientRuntime,
      findProgram,
      emit,
      clock,
      signal,
      manual: listeners.manual,
      tool: await tool(),
      finished: [...results],
      onResult: (result) => {
        results.push(result);
        listeners.onResult(result, results.length);
      },
    }));
  } catch (thrown) {
    error = thrown;
  }
  const { plannedRuns } = openSchedule(parameters);
  const planned = plannedRuns === undefined ? {} : { plannedRuns };
  const finishedAt = new Date(clock.wallMs()).toISOString();
  emit({ type: "sweep-finished", finishedRuns: results.length, ...planned });
  const relay = await listeners.relay?.finish();
  const summary = summarize(sweep, { runs: results, startedAt, finishedAt, plannedRuns, relay }, error);
  const facts = { ...sweep.facts, bundle: bundle?.folder };
  try {
    await bundle?.finish(summary, formatSummaryText(summary, parameters, facts), async () => {
      // Without a run there is nothing to see. The numbers are kept, whatever becomes of their page.
      if (results.length === 0) return undefined;
      return await makeSweepPage(bundle.folder, summary).catch((cause: unknown) => {
        emit({ type: "warning", message: `report.html could not be made: ${explainError(cause)}` });
        return undefined;
      });
    });
  } catch (unwritten) {
    // What ended the sweep is what gets told; this is a warning beside it.
    const message = `The summary could not be written: ${explainError(unwritten)}`;
    if (error !== undefined) emit({ type: "warning", message });
    return { summary, leftover, error, unwritten };
  }
  return { summary, leftover, error };
}

function summarize(
  { run, parameters, facts, workload, baseline }: PreparedSweep,
  ended: Pick<EndedSweep<MeasuredRun>, "runs" | "startedAt" | "finishedAt" | "plannedRuns" | "relay">,
  error: unknown,
): MeasuredSummary {
  const { networkType } = parameters;
  const endedEarly = error === undefined ? undefined : explainError(error);
  const whole = { run, networkType, runtime: facts.runtime, ...ended, endedEarly };
  return workload.summarize(whole, concludeSweep(ended.runs, parameters, baseline));
}

/** The event that begins a sweep, and what is worth a warning then. */
function reportStart(sweep: PreparedSweep, emit: Emit): void {
  const { parameters, protocol, plan, deployer, facts, bundle, held, cut } = sweep;
  const { networkType, name, tags, loadsTps, profile, runs, search } = parameters;
  emit({
    type: "sweep-started",
    network: networkType,
    runtime: deployer.runtime,
    ...(facts.runtimeReason === undefined ? {} : { runtimeReason: facts.runtimeReason }),
    ...(name === undefined ? {} : { name }),
    ...(tags === undefined ? {} : { tags }),
    loadsTps,
    ...(profile.kind === "closed" ? { closedLoop: true } : {}),
    ...(runs === 1 ? {} : { runs }),
    ...(search === undefined ? {} : { search: { fromTps: search.fromTps, toTps: search.toTps } }),
    ...(bundle === undefined ? {} : { bundle: bundle.folder }),
    nodes: committeeNames(plan),
    completion: protocol.observeCommits === undefined ? "acknowledged" : "committed",
    ...(protocol.routines === undefined ? {} : { load: "routines" }),
    ...(protocol.flows === undefined ? {} : { load: "flows" }),
    ...(held === undefined ? {} : { firstRun: held.stored.runs.length + 1 }),
  });
  const unreported = held?.unreported;
  if (unreported !== undefined) {
    const { benchmarkNumber, verdict } = unreported;
    const figures = runFigures(unreported);
    const file = bundle === undefined ? {} : { file: join(bundle.folder, runFileName(unreported)) };
    emit({ type: "run-finished", benchmarkNumber, status: verdict.status, ...file, figures });
  }
  for (const message of cut) emit({ type: "warning", message });
  if (facts.runtimeReason !== undefined) {
    emit({ type: "warning", message: `The nodes run as plain processes. ${facts.runtimeReason}` });
  }
}

export function leftBehind({
  run,
  deployer,
  parameters,
}: Pick<PreparedSweep, "run" | "deployer" | "parameters">): readonly string[] {
  const { remote } = parameters;
  const clean =
    remote === undefined ? removalCommand(run) : hostsCleanCommand({ run, hostFlags: listHostFlags(remote) });
  const what =
    deployer.runtime === "process"
      ? "the files of the nodes, which end with this process"
      : `what carries the label baleen.run=${run}`;
  return [`Left behind: ${what}. Remove it with: ${clean}`];
}
