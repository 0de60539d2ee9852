import type { Emit } from "../contracts/events.ts";
import type { Protocol } from "../contracts/protocol.ts";
import type { Clock } from "../core/clock.ts";
import type { IntervalLine } from "../stats/hlog.ts";
import type { ClientPlan, SenderReport } from "./client-plan.ts";
import type { OpenProbe } from "./generator/generator-probe.ts";
import type { CommitSink } from "./observe/commit-feed.ts";
import type { SecondTally } from "./tally/second-tally.ts";
import type { OpenTransport } from "./transport/transport.ts";

/** What a client must know of the system under test in order to send. */
export type SenderProtocol = Pick<Protocol, "transactions" | "submission">;

export interface EngineOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /**
   * Takes each row of the run once its time is over and all that was seen in it has been told; what it holds may be
   * read during the call alone, since its histograms are used again.
   */
  readonly onSecond: (interval: IntervalLine, second: SecondTally) => void;
  /** Takes `load-phase` events and warnings. */
  readonly emit: Emit;
  /** Whether `sink` is told of commits; otherwise a transaction has ended with its reply. */
  readonly commitsObservable: boolean;
  /** How it watches itself; default: this thread. */
  readonly openProbe?: OpenProbe;
  /** Default: by the plan's kind. */
  readonly openTransport?: OpenTransport;
}

/** A client that can be started. Disposing closes all of its connections. */
export interface Client extends AsyncDisposable {
  /** Takes the commits of this client's transactions, from whichever thread watches the nodes. */
  readonly sink: CommitSink;
  /** Opens connections. @returns what a person should know, a sentence each */
  readonly prepare: () => Promise<readonly string[]>;
  /**
   * Sends the plan's transactions, once.
   *
   * @param windowStartMs on the machine's monotonic clock, the same for all clients of a run; the warm-up is before it
   */
  readonly run: (windowStartMs: number) => Promise<SenderReport>;
}

/** Opens a client: drives its share of a run's load at the targets, and sees what becomes of it. */
export type OpenClient = (plan: ClientPlan, protocol: SenderProtocol, options: EngineOptions) => Client;
