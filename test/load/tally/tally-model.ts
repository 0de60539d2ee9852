/** A tally beside a plain model of it, for property tests. */
import fc from "fast-check";
import { expect } from "vitest";
import type { ReplyFate } from "../../../src/contracts/results/latency.ts";
import { buildPacer, type Pacer } from "../../../src/load/pacing/pacer.ts";
import type { ClientPlan } from "../../../src/load/plan/client-plan.ts";
import { SecondRows } from "../../../src/load/tally/seconds.ts";
import { Tally } from "../../../src/load/tally/tally.ts";
import { type Miss, timedOut } from "../../../src/load/transport/transport.ts";

export const windowStartMs = 5000.125;
export const targets = [0, 1, 2].map((place) => ({
  node: `node${place}`,
  rpc: { host: "127.0.0.1", port: place + 1 },
}));
/** So few that slots are needed again within a course. */
export const slots = 8;
export const roomy = { rateTps: 200, warmUpMs: 50, windowTransactions: 60, windowMs: 300 };
export const cramped = { rateTps: 0.01, warmUpMs: 1e6, windowTransactions: 30, windowMs: 3e6 };

/** Every way in which a sent transaction can end, by its fate. */
const outcomes: readonly { readonly fate: ReplyFate; readonly miss?: Miss }[] = [
  { fate: "acknowledged" },
  { fate: "rejected", miss: { kind: "rejected", reason: "no" } },
  { fate: "timedOut", miss: timedOut },
  { fate: "connectionFailed", miss: { kind: "broken", code: "GONE" } },
  { fate: "connectionFailed", miss: { kind: "unreachable", code: "REFUSED" } },
];

/** Puts one of those ends to a tally. */
export function endRequest(tally: Tally, index: number, outcome: number, nowMs: number) {
  const { fate, miss } = outcomes[outcome] as (typeof outcomes)[number];
  if (miss === undefined) tally.acknowledged(index, nowMs);
  else tally.missed(index, miss, nowMs);
  return { stage: fate, reached: miss?.kind !== "unreachable" };
}

/** A transaction as a plain model keeps it. Times are milliseconds from the start of the window. */
export interface Modelled {
  readonly dueMs: number;
  readonly own: number;
  stage: "queued" | "inFlight" | "unsent" | ReplyFate;
  target: number;
  committedAtMs?: number;
  repliedAtMs?: number;
  settledAtMs?: number;
  reached: boolean;
}

export const steps = fc.array(
  fc.record({
    what: fc.constantFrom("admit", "admit", "drop", "send", "again", "reply", "commit", "commit"),
    pick: fc.nat(),
    outcome: fc.nat(4),
    target: fc.nat(2),
    waitMs: fc.nat(20),
  }),
  { maxLength: 250, size: "max" },
);
export type Course = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** Puts a course of events to the tally and to the model. */
export class Pair {
  readonly plan: ClientPlan;
  readonly tally: Tally;
  readonly modelled: Modelled[] = [];
  readonly #pacer: Pacer;
  readonly #capacity: number;
  #nowMs: number;

  constructor(plan: ClientPlan, capacity: number, commitsObservable: boolean) {
    this.plan = plan;
    this.#pacer = buildPacer(plan);
    this.#capacity = capacity;
    this.#nowMs = -plan.warmUpMs;
    const seconds = new SecondRows({ startMs: -plan.warmUpMs, windowMs: plan.windowMs }, () => {});
    this.tally = new Tally({ plan, pacer: this.#pacer, commitsObservable, seconds });
    this.tally.begin(windowStartMs);
  }

  follow(course: Course): void {
    for (const step of course) {
      this.#nowMs += step.waitMs;
      this.#step(step);
    }
    this.#nowMs += 7;
    this.tally.close(windowStartMs + this.#nowMs);
    for (const one of this.modelled) one.settledAtMs ??= this.#nowMs;
  }

  #step({ what, pick, outcome, target }: Course[number]): void {
    const nowMs = windowStartMs + this.#nowMs;
    if (what === "admit") {
      this.#admit();
      return;
    }
    const fitting = this.modelled.flatMap((one, sequence) => (this.#fits(what, one) ? [sequence] : []));
    const sequence = fitting[pick % Math.max(1, fitting.length)];
    const one = this.modelled[sequence ?? -1];
    if (sequence === undefined || one === undefined) return;
    if (what === "drop") {
      this.tally.dropped(sequence, nowMs);
      one.stage = "unsent";
    } else if (what === "send" || what === "again") {
      this.tally.sent(sequence, target, nowMs);
      Object.assign(one, { stage: "inFlight", target });
    } else if (what === "reply") {
      Object.assign(one, endRequest(this.tally, sequence, outcome, nowMs), { repliedAtMs: this.#nowMs });
    } else {
      this.tally.committed(sequence, target, nowMs);
      const counts = one.stage !== "queued" && one.stage !== "unsent" && one.target === target;
      if (counts && one.settledAtMs === undefined) one.committedAtMs ??= this.#nowMs;
    }
  }

  #fits(what: string, one: Modelled): boolean {
    if (what === "commit") return true;
    if (one.settledAtMs !== undefined) return false;
    return one.stage === (what === "again" || what === "reply" ? "inFlight" : "queued");
  }

  #admit(): void {
    const sequence = this.modelled.length;
    if (sequence >= this.#pacer.transactions) return;
    const dueMs = this.#pacer.dueMs(sequence);
    this.#nowMs = Math.max(this.#nowMs, dueMs);
    const own = sequence % targets.length;
    const one: Modelled = { dueMs, own, stage: "queued", target: own, reached: true };
    this.modelled.push(one);
    // In its slot is the latest one that was let in.
    const places = this.modelled
      .slice(0, sequence)
      .filter((_, at) => at % this.#capacity === sequence % this.#capacity);
    const before = places.findLast(({ settledAtMs }) => settledAtMs === undefined);
    const taken = before?.stage === "queued" || before?.stage === "inFlight";
    expect(this.tally.admit(sequence, dueMs, windowStartMs + this.#nowMs)).toBe(!taken);
    if (taken) Object.assign(one, { stage: "unsent", settledAtMs: this.#nowMs });
    else if (before !== undefined) before.settledAtMs = this.#nowMs;
  }
}
