import type { Emit } from "../contracts/events.ts";
import type { Protocol } from "../contracts/protocol.ts";
import type { Clock } from "../core/clock.ts";
import { checkPlan } from "./check-plan.ts";
import type { ClientPlan, ClientReport } from "./client-plan.ts";
import { Dispatcher } from "./dispatch/dispatcher.ts";
import { type OpenProbe, openGeneratorProbe } from "./generator/generator-probe.ts";
import { CpuShare, GeneratorSummary } from "./generator/generator-watch.ts";
import { type Observer, openObserver } from "./observe/observer.ts";
import { planObserver } from "./observe/observer-plan.ts";
import { buildPacer } from "./pacing/pacer.ts";
import { drain, type Run, Sending } from "./pacing/sending.ts";
import { StandstillWatch } from "./pacing/standstill.ts";
import { SecondRows } from "./tally/seconds.ts";
import { Tally } from "./tally/tally.ts";

export interface ClientOptions {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** How it watches itself; default: this thread. */
  readonly openProbe?: OpenProbe;
}

/** What a client must know of the system under test. */
export type ClientProtocol = Pick<Protocol, "transactions" | "submission" | "observeCommits">;

/** From the moment that all is ready to the first due time. */
const leadInMs = 20;

/**
 * Drives one client's load at the targets, open loop, and sees what becomes of every transaction.
 *
 * Subscribes to every target's commits, then: warm-up (extra transactions) → window (exactly
 * `plan.windowTransactions` are due in it) → drain (until nothing is outstanding, at most `plan.drainMs`). Emits
 * `load-phase`, `load-second`, `observer-lost` and `observer-restored` events. A node that dies does not end it.
 *
 * @throws InvalidArgumentError where the plan contradicts itself or the transaction's form; CommitWatchError where a
 *   target's commits cannot be watched; the signal's reason on abort, with every socket closed
 */
export async function runClient(
  plan: ClientPlan,
  protocol: ClientProtocol,
  options: ClientOptions,
): Promise<ClientReport> {
  options.signal.throwIfAborted();
  const pacer = buildPacer(plan);
  checkPlan(plan, protocol, pacer);
  let tally: Tally | undefined;
  await using observer = await openObserver(planObserver([plan]), protocol, {
    ...options,
    onCommits: (_client, { sequences, target, seenMs }) => {
      for (const sequence of sequences) tally?.committed(sequence, target, seenMs);
    },
    // In one thread nothing is under way between observer and books.
    onWatermark: () => {},
  });
  const windowStartMs = options.clock.monotonicMs() + leadInMs + plan.warmUpMs;
  observer.begin(windowStartMs);
  const summary = new GeneratorSummary(plan.windowMs);
  using probe = (options.openProbe ?? openGeneratorProbe)((lengthMs) =>
    seconds.gcPause(lengthMs, options.clock.monotonicMs() - windowStartMs),
  );
  const cpu = new CpuShare(probe, options.clock);
  const seconds = new SecondRows(
    { startMs: -plan.warmUpMs, windowMs: plan.windowMs, cpuRatio: () => cpu.next() },
    summing(options.emit, summary),
  );
  const commitsObservable = protocol.observeCommits !== undefined;
  tally = new Tally({ plan, pacer, windowStartMs, commitsObservable, seconds });
  const failure = new AbortController();
  await using dispatcher = new Dispatcher({
    plan,
    protocol,
    tally,
    warmUpTransactions: pacer.warmUpTransactions,
    clock: options.clock,
    onError: (error) => failure.abort(error),
  });
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const standstills = new StandstillWatch(options.clock, windowStartMs);
  const run: Run = {
    plan,
    pacer,
    tally,
    dispatcher,
    seconds,
    standstills,
    summary,
    windowStartMs,
    ...options,
    signal,
  };
  return await drive(run, observer, commitsObservable);
}

/** Has every second summed up, besides emitting it. */
function summing(emit: Emit, summary: GeneratorSummary): Emit {
  return (body) => {
    if (body.type === "load-second") summary.add(body);
    emit(body);
  };
}

async function drive(run: Run, observer: Observer, commitsObservable: boolean): Promise<ClientReport> {
  const { plan, tally, clock, emit, windowStartMs } = run;
  const windowStartedAtMs = clock.wallMs() + windowStartMs - clock.monotonicMs();
  const windowEndMs = windowStartMs + plan.windowMs;

  const sending = new Sending(run);
  emit({ type: "load-phase", phase: "warm-up", windowStartsAtMs: windowStartedAtMs });
  await sending.until(windowStartMs);
  emit({ type: "load-phase", phase: "window", lateMs: clock.monotonicMs() - windowStartMs });
  await sending.until(windowEndMs);
  emit({ type: "load-phase", phase: "drain" });
  const endMs = await drain(run, windowEndMs + plan.drainMs);

  run.dispatcher.stop();
  tally.close(endMs);
  run.seconds.finish(endMs - windowStartMs);
  warnOfLimits(run);
  emit({ type: "load-phase", phase: "done" });
  const { commit, commitService, response, submit } = tally.latency;
  return {
    ledger: tally.ledger,
    windowStartedAtMs,
    committedInWindow: commitsObservable ? tally.flow.committedInWindow : undefined,
    acknowledgedInWindow: tally.flow.acknowledgedInWindow,
    latency: {
      commit: commitsObservable ? commit : undefined,
      commitService: commitsObservable ? commitService : undefined,
      response,
      submit,
    },
    lateness: tally.lateness,
    rejections: tally.rejections.counts,
    standstills: run.standstills.found(),
    inFlightCapReached: run.dispatcher.capReached,
    redirected: tally.redirected,
    stretches: tally.stretches,
    generator: run.summary.figures(),
    ...observer.finish(),
  };
}

/** Says what the bounded memories let go: nothing is lost in silence. */
function warnOfLimits({ tally, emit }: Run): void {
  const { forgottenCommits } = tally.ledger;
  if (forgottenCommits > 0) {
    emit({
      type: "warning",
      message: `${forgottenCommits} commits were seen so late that their transactions had been let go as not seen; the ledger counts them apart.`,
    });
  }
}
