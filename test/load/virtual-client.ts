/** A client on a clock that stands still until it is moved: time, replies and commits come as a test says. */
import type { EventBody } from "../../src/contracts/events.ts";
import { Dispatcher } from "../../src/load/dispatch/dispatcher.ts";
import { Sending } from "../../src/load/dispatch/sending.ts";
import { buildPacer } from "../../src/load/pacing/pacer.ts";
import type { ClientPlan } from "../../src/load/plan/client-plan.ts";
import type { SecondCount } from "../../src/load/tally/second-tally.ts";
import { SecondRows } from "../../src/load/tally/seconds.ts";
import { Tally } from "../../src/load/tally/tally.ts";
import type { Transport, TransportListener } from "../../src/load/transport/transport.ts";
import { broadcastTxAsync, largestSubmittedBytes } from "../../src/protocol/rpc/json-rpc.ts";
import { buildTransactionFormat } from "../../src/protocol/transactions/transaction.ts";

export const windowStartMs = 10_000;

/** One transaction that was handed to a transport and has not ended. */
export interface Handed {
  readonly sequence: number;
  readonly target: number;
  readonly atMs: number;
  readonly listener: TransportListener;
}

export interface VirtualRow {
  readonly startSecs: number;
  readonly lengthSecs: number;
  readonly counts: Readonly<Record<SecondCount, number>>;
  /** Headline latencies. */
  readonly completed: number;
}

interface VirtualOptions {
  readonly commitsObservable?: boolean;
  /** Most that a transport takes; by default as many as are asked for. */
  readonly capacity?: number;
}

export class VirtualClient {
  readonly tally: Tally;
  readonly seconds: SecondRows;
  readonly dispatcher: Dispatcher;
  readonly rows: VirtualRow[] = [];
  readonly events: EventBody[] = [];
  /** All that was ever handed over, in order. */
  readonly sent: Handed[] = [];
  readonly underWay = new Map<number, Handed>();
  nowMs: number;
  watermarkMs = Number.NEGATIVE_INFINITY;
  isOver = false;
  readonly #sending: Sending;
  /** When the next turn is wanted. */
  #wantedMs = Number.NEGATIVE_INFINITY;

  constructor(plan: ClientPlan, { commitsObservable = true, capacity }: VirtualOptions = {}) {
    const pacer = buildPacer(plan);
    const clock = { monotonicMs: () => this.nowMs, wallMs: () => 1.7e12 + this.nowMs };
    this.nowMs = windowStartMs - plan.warmUpMs - 5;
    this.seconds = new SecondRows(
      { startMs: -plan.warmUpMs, windowMs: plan.windowMs },
      ({ startSecs, lengthSecs, counts, latency }) =>
        this.rows.push({ startSecs, lengthSecs, counts: { ...counts }, completed: latency.count }),
    );
    this.tally = new Tally({ plan, pacer, commitsObservable, seconds: this.seconds });
    this.tally.begin(windowStartMs);
    this.dispatcher = new Dispatcher({
      plan,
      code: {
        transactions: buildTransactionFormat(largestSubmittedBytes),
        submission: broadcastTxAsync,
      },
      tally: this.tally,
      clock,
      openTransport: ({ rpc, listener, connections }) =>
        this.#openTransport(rpc.port, listener, capacity ?? connections),
      onError: (error) => {
        throw error;
      },
      onSent: () => {
        this.#wantedMs = this.nowMs;
      },
      onEnded:
        plan.closedLoop &&
        (() => {
          this.#wantedMs = this.nowMs;
        }),
    });
    this.#sending = new Sending({
      ...{ plan, pacer, tally: this.tally, dispatcher: this.dispatcher, seconds: this.seconds },
      windowStartMs,
      watermarkMs: () => (commitsObservable ? this.watermarkMs : Number.POSITIVE_INFINITY),
      clock,
      emit: (body) => this.events.push(body),
    });
  }

  /** Lets time pass, with every turn that is wanted meanwhile. */
  advanceTo(untilMs: number): void {
    while (!this.isOver && this.#wantedMs <= untilMs) {
      this.nowMs = Math.max(this.nowMs, this.#wantedMs);
      const wantedMs = this.#sending.take(this.nowMs, { lateMs: () => 0 });
      if (wantedMs === undefined) this.#end();
      // A clock goes on by itself.
      else this.#wantedMs = Math.max(wantedMs, this.nowMs + 1e-6);
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  acknowledge({ sequence, listener }: Handed): void {
    this.underWay.delete(sequence);
    listener.acknowledged(sequence, this.nowMs);
  }

  #end(): void {
    this.isOver = true;
    this.tally.close(this.#sending.endMs);
    this.seconds.finish(this.#sending.endMs - windowStartMs);
  }

  #openTransport(target: number, listener: TransportListener, capacity: number): Transport {
    const ofTarget = () => [...this.underWay.values()].filter((one) => one.target === target);
    return {
      get underWay() {
        return ofTarget().length;
      },
      capacity,
      send: (sequence) => {
        const handed = { sequence, target, atMs: this.nowMs, listener };
        this.sent.push(handed);
        this.underWay.set(sequence, handed);
      },
      turn: () => {},
      prepare: async () => [],
      close: () => {},
    };
  }
}

/** Targets whose port is their place in the plan. */
export function virtualTargets(count: number): ClientPlan["targets"] {
  return Array.from({ length: count }, (_, place) => ({
    node: `node${place}`,
    rpc: { host: "127.0.0.1", port: place },
  }));
}
