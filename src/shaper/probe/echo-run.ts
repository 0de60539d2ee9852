import { delay, withinMs } from "../../core/async.ts";
import type { Clock } from "../../core/clock.ts";

/** Sends one packet. @returns false: not now, since there is no room */
export type SendEcho = (pair: number, seq: number) => boolean;

export interface EchoPlan {
  readonly pairs: number;
  readonly packets: number;
  readonly perSecond: number;
  /** How long the last packets may take by the links' own delays. */
  readonly waitMs: number;
}

export interface EchoResult {
  readonly sent: number;
  readonly received: number;
  readonly delaysMs: readonly number[];
}

/** Timers are no finer. */
const tickMs = 1;
/** Packets whose turn is over by this much and for which there is no room are given up. */
const mostBehindMs = 10_000;
/** After the longest delay that was seen, times this, nothing is waited for. */
const patience = 3;

/** Echoes over several pairs at once, each at its own rate; knows no socket. */
export class EchoRun {
  readonly #plan: EchoPlan;
  readonly #clock: Clock;
  readonly #pairs: readonly { sent: number; readonly seen: Uint8Array; readonly delaysMs: number[] }[];
  readonly #complete = Promise.withResolvers<void>();
  #missing: number;
  #longestMs = 0;

  constructor(plan: EchoPlan, clock: Clock) {
    this.#plan = plan;
    this.#clock = clock;
    this.#missing = plan.pairs * plan.packets;
    this.#pairs = Array.from({ length: plan.pairs }, () => ({
      sent: 0,
      seen: new Uint8Array(plan.packets),
      delaysMs: [],
    }));
  }

  /** A packet, or its echo, has come. A second copy counts for nothing. */
  receive(pair: number, seq: number, delayMs: number): void {
    const found = this.#pairs[pair];
    if (found?.seen[seq] !== 0) return;
    found.seen[seq] = 1;
    found.delaysMs.push(delayMs);
    this.#longestMs = Math.max(this.#longestMs, delayMs);
    if (--this.#missing === 0) this.#complete.resolve();
  }

  async run(send: SendEcho): Promise<readonly EchoResult[]> {
    const { packets, perSecond } = this.#plan;
    const beginMs = this.#clock.monotonicMs();
    const endMs = beginMs + (packets * 1000) / perSecond + mostBehindMs;
    while (!this.#sendDue(beginMs, send) && this.#clock.monotonicMs() < endMs) await delay(tickMs);
    await this.#wait(this.#clock.monotonicMs());
    return this.#pairs.map(({ sent, delaysMs }) => ({ sent, received: delaysMs.length, delaysMs }));
  }

  /** Pairs take turns within the interval of each. @returns whether all were sent */
  #sendDue(beginMs: number, send: SendEcho): boolean {
    const { packets, perSecond } = this.#plan;
    let isDone = true;
    for (const [at, pair] of this.#pairs.entries()) {
      const ownMs = this.#clock.monotonicMs() - beginMs - (at / this.#pairs.length) * (1000 / perSecond);
      const due = ownMs < 0 ? 0 : Math.min(packets, Math.floor((ownMs * perSecond) / 1000) + 1);
      while (pair.sent < due && send(at, pair.sent)) pair.sent++;
      if (pair.sent < packets) isDone = false;
    }
    return isDone;
  }

  async #wait(sinceMs: number): Promise<void> {
    for (;;) {
      const mostMs = Math.max(this.#plan.waitMs, patience * this.#longestMs);
      const restMs = sinceMs + mostMs - this.#clock.monotonicMs();
      if (this.#missing === 0 || restMs <= 0) return;
      await withinMs(restMs, this.#complete.promise);
    }
  }
}
