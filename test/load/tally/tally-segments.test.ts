import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClientPlan } from "../../../src/load/plan/client-plan.ts";
import type { Histogram } from "../../../src/metrics/stats/histogram.ts";
import { LatencyRecord } from "../../../src/metrics/stats/latency-record.ts";
import { planFor } from "../setting.ts";
import { cramped, type Modelled, Pair, roomy, slots, steps, targets, windowStartMs } from "./tally-model.ts";

const cuts = fc.record({
  fractions: fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 5 }),
  down: fc.array(fc.subarray([0, 1, 2]), { minLength: 6, maxLength: 6 }),
});
function planWith(
  changes: Partial<ClientPlan>,
  { fractions, down }: { fractions: number[]; down: number[][] },
) {
  const plan = planFor(targets, { maxInFlight: 1, queueLimit: 0, ...changes });
  const lengthMs = plan.warmUpMs + plan.windowMs;
  const beginnings = [0, ...fractions]
    .sort((a, b) => a - b)
    .map((part) => (part * lengthMs) / 100 - plan.warmUpMs);
  return { ...plan, segments: beginnings.map((fromMs, at) => ({ fromMs, down: down[at] ?? [] })) };
}

/** What the segments must hold, worked out from the definition. */
function expected(pair: Pair, headline: "commit" | "response") {
  const { segments } = pair.plan;
  return segments.map(({ fromMs, down }, index) => {
    const untilMs = segments[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
    const due = pair.modelled.filter(({ dueMs }) => dueMs >= fromMs && dueMs < untilMs);
    const of = (wanted: boolean) => {
      const some = due.filter(({ own }) => down.includes(own) === wanted);
      const latency = new LatencyRecord();
      for (const one of some) {
        const [seenAtMs, unseenAtMs] = ends(one, headline);
        const us = (atMs: number) => Math.round((windowStartMs + atMs - (windowStartMs + one.dueMs)) * 1000);
        if (seenAtMs !== undefined) latency.record(us(seenAtMs));
        else latency.censor(us(unseenAtMs));
      }
      const succeeded = (one: Modelled) =>
        headline === "commit" ? one.committedAtMs !== undefined : one.stage === "acknowledged";
      return { scheduled: some.length, committed: some.filter(succeeded).length, latency };
    };
    return { up: of(false), down: of(true) };
  });
}

function ends(
  one: Modelled,
  headline: "commit" | "response",
): [seenAtMs: number | undefined, unseenAtMs: number] {
  const settledAtMs = one.settledAtMs ?? Number.NaN;
  if (headline === "commit") return [one.committedAtMs, settledAtMs];
  const seen = one.stage === "acknowledged" || one.stage === "rejected" ? one.repliedAtMs : undefined;
  return [seen, one.stage === "timedOut" ? (one.repliedAtMs ?? settledAtMs) : settledAtMs];
}

/** The buckets in use, as text: quick to compare. */
const filled = (histogram: Histogram) => {
  const buckets: string[] = [];
  histogram.counts().forEach((count, index) => {
    if (count > 0) buckets.push(`${index}: ${count}`);
  });
  return buckets.join(", ");
};

const plain = ({
  scheduled,
  committed,
  latency,
}: {
  scheduled: number;
  committed: number;
  latency: LatencyRecord;
}) => ({
  scheduled,
  committed,
  sumUs: latency.sumUs,
  measured: filled(latency.measured),
  censored: filled(latency.censored),
});

describe("segments", () => {
  test.each([
    ["commits, with room for all", roomy, Number.POSITIVE_INFINITY, "commit"],
    ["commits, with slots needed again", cramped, slots, "commit"],
    ["responses, with room for all", roomy, Number.POSITIVE_INFINITY, "response"],
    ["responses, with slots needed again", cramped, slots, "response"],
  ] as const)("hold what was due in them, by its own target: %s", (_, changes, capacity, headline) => {
    fc.assert(
      fc.property(steps, cuts, (course, cut) => {
        const pair = new Pair(planWith(changes, cut), capacity, headline === "commit");
        pair.follow(course);
        const found = pair.tally.segments.map(({ up, down }) => ({ up: plain(up), down: plain(down) }));
        const wanted = expected(pair, headline).map(({ up, down }) => ({ up: plain(up), down: plain(down) }));
        expect(found).toEqual(wanted);
        const all = pair.tally.segments.flatMap(({ up, down }) => [up, down]);
        expect(all.reduce((sum, { scheduled }) => sum + scheduled, 0)).toBe(pair.modelled.length);
      }),
    );
  });

  test("redirected are those of the window that another target took, or may have taken", () => {
    fc.assert(
      fc.property(steps, (course) => {
        const pair = new Pair(planWith(roomy, { fractions: [], down: [] }), Number.POSITIVE_INFINITY, true);
        pair.follow(course);
        const warmUp = Math.floor((pair.plan.rateTps * pair.plan.warmUpMs) / 1000);
        const redirected = pair.modelled.filter(
          ({ stage, own, target, reached }, sequence) =>
            sequence >= warmUp && target !== own && stage !== "queued" && stage !== "unsent" && reached,
        );
        expect(pair.tally.book.redirected).toBe(redirected.length);
      }),
    );
  });

  test("a plan without stretches has none", () => {
    const pair = new Pair(planFor(targets, roomy), Number.POSITIVE_INFINITY, true);
    pair.follow([{ what: "admit", pick: 0, outcome: 0, target: 0, waitMs: 1 }]);
    expect(pair.tally.segments).toEqual([]);
  });
});
