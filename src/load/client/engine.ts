import type { Emit } from "../../contracts/events.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import type { Clock } from "../../core/clock.ts";
import { GeneratorSummary } from "../../metrics/hosts/generator.ts";
import { Dispatcher } from "../dispatch/dispatcher.ts";
import { Sending } from "../dispatch/sending.ts";
import { TurnLoop } from "../dispatch/turn-loop.ts";
import { openCpuShare, threadCpuMs, watchGcPauses } from "../generator/generator-probe.ts";
import { TransactionPool } from "../level/pregenerated-pool.ts";
import type { CommitBatch } from "../observe/commit-sorter.ts";
import { buildPacer } from "../pacing/pacer.ts";
import type { ClientPlan, SenderReport } from "../plan/client-plan.ts";
import { Share } from "../plan/share.ts";
import type { SecondTally } from "../tally/second-tally.ts";
import { SecondRows } from "../tally/seconds.ts";
import { Tally } from "../tally/tally.ts";
import type { OpenTransport } from "../transport/transport.ts";
import { checkPlan } from "./check-plan.ts";

/** What a client must know of the system under test in order to send. */
export type SenderProtocol = Pick<Protocol, "transactions" | "submission">;

export interface EngineOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /**
   * Takes each row of the run once its time is over and all that was seen in it has been told; what it holds may be
   * read during the call alone, since its histograms are used again.
   */
  readonly onSecond: (second: SecondTally) => void;
  /** Takes `load-phase` events and warnings. */
  readonly emit: Emit;
  /** Whether commits are told; otherwise a transaction has ended with its reply. */
  readonly commitsObservable: boolean;
  /** Default: by the plan's kind. */
  readonly openTransport?: OpenTransport;
}

/**
 * Drives its share of a run's load at the targets, and sees what becomes of it. Disposing closes all of its connections.
 *
 * Warm-up (extra transactions) → window (this client's share of `plan.windowTransactions` is due in it) → drain (until
 * nothing is outstanding, at most `plan.drainMs`). A node that dies does not end it.
 */
export class Client implements Disposable {
  readonly #plan: ClientPlan;
  readonly #options: EngineOptions;
  readonly #pacer: ReturnType<typeof buildPacer>;
  readonly #summary: GeneratorSummary;
  readonly #seconds: SecondRows;
  readonly #tally: Tally;
  readonly #dispatcher: Dispatcher;
  readonly #pool: TransactionPool | undefined;
  /** Ends the run with what should not happen: the protocol's own code failed. */
  readonly #failure = new AbortController();
  readonly #signal: AbortSignal;
  #cpuRatio: () => number | undefined = () => undefined;
  #loop: TurnLoop | undefined;
  #windowStartMs: number | undefined;
  #watermarkMs: number;

  /** @throws InvalidArgumentError where the plan contradicts itself or the transaction's form */
  constructor(plan: ClientPlan, protocol: SenderProtocol, options: EngineOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#pacer = buildPacer(plan);
    checkPlan(plan, protocol, this.#pacer);
    const { clock, commitsObservable } = options;
    this.#signal = AbortSignal.any([options.signal, this.#failure.signal]);
    this.#summary = new GeneratorSummary(plan.windowMs);
    this.#seconds = new SecondRows(
      { startMs: -plan.warmUpMs, windowMs: plan.windowMs, cpuRatio: () => this.#cpuRatio() },
      (second) => this.#onSecond(second),
    );
    const books = { plan, pacer: this.#pacer, commitsObservable, seconds: this.#seconds };
    this.#tally = new Tally(books);
    const { transactions } = protocol;
    this.#pool = transactions.madeAhead
      ? new TransactionPool({
          plan,
          transactions,
          share: new Share(plan.share),
          runTransactions: this.#pacer.transactions,
        })
      : undefined;
    this.#dispatcher = new Dispatcher({
      plan,
      code: { ...protocol, transactions: this.#pool?.transactions ?? transactions },
      onError: (error) => this.#failure.abort(error),
      tally: this.#tally,
      clock,
      openTransport: options.openTransport,
      onSent: () => this.#loop?.wake(),
      onEnded: plan.closedLoop && (() => this.#loop?.wake()),
    });
    this.#watermarkMs = commitsObservable ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }

  /** Takes commits of this client's transactions, from whichever thread watches the nodes. */
  commits({ sequences, target, seenMs }: CommitBatch): void {
    // Blocks that are seen before the first transaction is due hold none of this run's.
    if (this.#windowStartMs === undefined) return;
    for (const sequence of sequences) this.#tally.committed(sequence, target, seenMs);
  }

  /**
   * All that was seen up to this time has been told; comes again and again, with times that never fall. Infinity, once:
   * whatever is seen will be told at once, by the thread that runs the client.
   */
  watermark(upToMs: number): void {
    this.#watermarkMs = upToMs;
  }

  /** Makes what has to be made ahead, and opens connections. @returns what a person should know, a sentence each */
  async prepare(): Promise<readonly string[]> {
    await this.#pool?.fill({ ...this.#options, signal: this.#signal });
    return await this.#dispatcher.prepare(this.#signal);
  }

  /**
   * Sends the plan's transactions, once.
   *
   * @param windowStartMs on the machine's monotonic clock, the same for all clients of a run; the warm-up is before it
   */
  async run(windowStartMs: number): Promise<SenderReport> {
    const { clock, emit } = this.#options;
    this.#windowStartMs = windowStartMs;
    using _pauses = watchGcPauses((lengthMs) =>
      this.#seconds.gcPause(lengthMs, clock.monotonicMs() - windowStartMs),
    );
    this.#cpuRatio = openCpuShare(threadCpuMs, clock.monotonicMs);
    this.#tally.begin(windowStartMs);
    const windowStartedAtMs = clock.wallMs() + windowStartMs - clock.monotonicMs();
    const sending = new Sending({
      plan: this.#plan,
      pacer: this.#pacer,
      tally: this.#tally,
      dispatcher: this.#dispatcher,
      seconds: this.#seconds,
      windowStartMs,
      watermarkMs: () => this.#watermarkMs,
      clock,
      emit,
    });
    const loop = new TurnLoop({
      mode: this.#plan.pacing,
      clock,
      take: (nowMs) => sending.take(nowMs, loop),
      signal: this.#signal,
    });
    this.#loop = loop;
    emit({ type: "load-phase", phase: "warm-up", windowStartsAtMs: windowStartedAtMs });
    await loop.run();
    this.#tally.close(sending.endMs);
    this.#seconds.finish(sending.endMs - windowStartMs);
    this.#warn();
    emit({ type: "load-phase", phase: "done" });
    return { ...this.#figures(), windowStartedAtMs, stalls: sending.stalls.found };
  }

  [Symbol.dispose](): void {
    this.#dispatcher[Symbol.dispose]();
  }

  #figures(): Omit<SenderReport, "windowStartedAtMs" | "stalls"> {
    const { commitsObservable } = this.#options;
    const { book, latency, segments } = this.#tally;
    return {
      ledger: book.ledger,
      committedInWindow: commitsObservable ? this.#seconds.committedInWindow : undefined,
      acknowledgedInWindow: this.#seconds.acknowledgedInWindow,
      latency: {
        ...latency,
        ...(commitsObservable ? {} : { commit: undefined, commitService: undefined }),
      },
      lateness: this.#seconds.lateness,
      rejections: book.rejections.counts,
      inFlightCapReached: this.#dispatcher.capReached,
      redirected: book.redirected,
      segments,
      generator: this.#summary.figures(),
    };
  }

  #onSecond(second: SecondTally): void {
    this.#summary.add({
      second: second.startSecs,
      latenessP99Ms: second.lateness.count === 0 ? undefined : second.lateness.quantile(0.99) / 1000,
      ...second.self,
    });
    this.#options.onSecond(second);
  }

  /** Says what the figures do not show by themselves: nothing is lost in silence. */
  #warn(): void {
    const warn = (message: string) => this.#options.emit({ type: "warning", message });
    // In a closed loop nobody knows beforehand how many there will be.
    const made = this.#pool?.madeWhenDue ?? 0;
    if (made > 0) {
      warn(
        `${made} transactions were created only when they were sent, because the pregenerated ones were used up; this may have slowed the load.`,
      );
    }
    const { forgottenCommits } = this.#tally.book.ledger;
    if (forgottenCommits > 0) {
      warn(
        `${forgottenCommits} commits were seen so late that their transactions had expired as not seen; the ledger counts them separately.`,
      );
    }
    // They stand beside the ledger, since every transaction in it ended in its own way.
    const strays = this.#dispatcher.strayReplies();
    if (strays.size > 0) {
      const kinds = [...strays].map(([kind, count]) => `${count} × ${kind}`).join(", ");
      warn(
        `Nodes sent replies that no transaction waited for (${kinds}): later than the request time-out, repeated, or with a wrong id. The ledger does not count them.`,
      );
    }
  }
}
