/** A sweep over loads that the nodes make themselves. */
import { concludeSweep } from "../benchmark/conclude.ts";
import { type NativeProtocol, runNativeSweep } from "../benchmark/native-sweep.ts";
import { planRuns } from "../benchmark/plan-runs.ts";
import type { NativeSummary } from "../bundle/native-summary-json.ts";
import { buildParametersJson } from "../bundle/parameters-json.ts";
import type { Leftover } from "../contracts/deployment.ts";
import type { NativeResult } from "../contracts/native.ts";
import type { Protocol } from "../contracts/protocol.ts";
import type { Fault } from "../core/errors.ts";
import { formatNativeHeader } from "../report/header.ts";
import { formatNativeBlock, formatNativeClosing, formatNativeSummaryText } from "../report/native.ts";
import { formatResultsJson } from "../report/results-json.ts";
import { isNative } from "../stats/run-metrics.ts";
import { type ExitCode, exitCodeOf } from "./context.ts";
import { openEmitter } from "./emitter.ts";
import { explainError } from "./errors.ts";
import { describeLiveSweep } from "./live/sweep.ts";
import { startProgress } from "./progress.ts";
import type { Rooms } from "./rooms.ts";
import { leftBehind, type PreparedSweep, type SweepSurroundings, tellStart } from "./sweep-run.ts";
import type { CheckedSweep } from "./system.ts";
import { readToolFacts } from "./tool-facts.ts";

/** Whether nodes of that system make the load, and tell of it. */
export const makesLoad = (protocol: Protocol | undefined): protocol is NativeProtocol =>
  protocol?.native !== undefined;

/** A calibration says how far apart runs lie whose every transaction was followed. */
export function refuseCalibration({ protocol }: Pick<CheckedSweep, "protocol">): Fault[] {
  if (!makesLoad(protocol)) return [];
  const message = `calibrate: the nodes of ${protocol.name} make the load themselves, and a calibration follows each transaction. Use "benchmark", with --runs for several of each load, and "compare".`;
  return [{ code: "native-load", message }];
}

interface PreparedNative extends PreparedSweep {
  readonly protocol: NativeProtocol;
}

type Surroundings = Omit<SweepSurroundings, "rooms"> & {
  readonly rooms: Pick<Rooms, "findProgram">;
};

/** Runs it, shows each load as it ends and the whole at the end, and saves both. */
export async function runNativePrepared(
  sweep: PreparedNative,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { run, parameters, bundle, earlier } = sweep;
  const { style, context, rooms } = surroundings;
  const { terminal, settings, clock, signal } = context;
  const shown = settings.consoleOutput && !settings.json;
  if (shown && style.whole)
    terminal.print(formatNativeHeader(parameters, { ...sweep.facts, bundle: bundle?.folder }));
  const runs = planRuns(parameters);
  using progress = startProgress({ terminal, settings, clock, signal, sweep: describeLiveSweep(sweep) });
  const emit = openEmitter(
    { run, source: "coordinator", clock, firstSeqs: earlier?.nextSeqs },
    [progress.listen, (event) => bundle?.appendEvent(event)],
    [progress.watch],
  );
  context.setLeftBehind(() => leftBehind(sweep));
  const startedAt = earlier?.startedAt ?? new Date(clock.wallMs()).toISOString();
  const results: NativeResult[] = (earlier?.results ?? []).filter(isNative);
  const end = async (outcome: { readonly error?: unknown; readonly leftover?: Leftover | undefined }) => {
    const plannedRuns = runs.length;
    emit({ type: "sweep-finished", finishedRuns: results.length, plannedRuns });
    return await finish({ ...sweep, ...outcome, results, startedAt, plannedRuns }, surroundings);
  };
  tellStart(sweep, emit);
  let leftover: Leftover | undefined;
  try {
    ({ leftover } = await runNativeSweep(parameters, {
      ...sweep,
      findProgram: rooms.findProgram,
      emit,
      clock,
      signal,
      finished: [...results],
      tool: await readToolFacts(context),
      onResult: (result) => {
        results.push(result);
        const gap = style.whole || results.length > 1 ? "\n" : "";
        if (shown) terminal.print(`${gap}${formatNativeBlock(result)}`);
      },
    }));
  } catch (error) {
    // What was found so far is worth as much; what ended the sweep is what gets told.
    await end({ error }).catch((second: unknown) =>
      emit({ type: "warning", message: `The summary could not be written: ${explainError(second)}` }),
    );
    throw error;
  }
  return exitCodeOf(await end({ leftover }), parameters.strict);
}

interface EndedNative extends PreparedNative {
  readonly results: readonly NativeResult[];
  readonly startedAt: string;
  readonly plannedRuns: number;
  readonly error?: unknown;
  readonly leftover?: Leftover | undefined;
}

/** Shows and saves the whole, also of a sweep that ended early. */
async function finish(sweep: EndedNative, { style, context, reports }: Surroundings): Promise<NativeSummary> {
  const { parameters, results, bundle, error, leftover, baseline } = sweep;
  const { terminal, settings, clock } = context;
  const facts = { ...sweep.facts, bundle: bundle?.folder };
  const summary: NativeSummary = {
    generator: "native",
    run: sweep.run,
    networkType: parameters.networkType,
    runtime: facts.runtime,
    startedAt: sweep.startedAt,
    finishedAt: new Date(clock.wallMs()).toISOString(),
    plannedRuns: sweep.plannedRuns,
    runs: results,
    endedEarly: error === undefined ? undefined : explainError(error),
    assertions: concludeSweep(results, parameters, baseline).assertions,
  };
  const around = { parameters: buildParametersJson(parameters), bundle: bundle?.folder, leftover };
  if (settings.json) terminal.print(formatResultsJson(summary, around).trimEnd());
  else if (settings.consoleOutput && style.whole && results.length > 0)
    terminal.print(`\n${formatNativeClosing(summary)}`);
  try {
    await bundle?.finish(summary, formatNativeSummaryText(summary, parameters, facts));
  } finally {
    await reports?.write({ summary, strict: parameters.strict, bundle: bundle?.folder, baseline });
  }
  if (bundle !== undefined && !settings.json) terminal.print(`\nResults: ${bundle.folder}`);
  return summary;
}
