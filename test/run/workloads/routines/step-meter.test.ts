import { describe, expect, test } from "vitest";
import { type LastPoint, lastPointMetrics } from "../../../../src/contracts/peer-tests/api.ts";
import { StepMeter } from "../../../../src/run/workloads/routines/step-meter.ts";

/** The n-th data point of a peer, one every two seconds. */
function pointOf(
  peerId: string,
  points: number,
  more: Partial<LastPoint> & { extra?: object } = {},
): LastPoint {
  const totals = Object.fromEntries(lastPointMetrics.map((name) => [name, 0])) as Record<
    (typeof lastPointMetrics)[number],
    number
  >;
  const { extra, ...others } = more;
  return {
    ...{ peerId, points, timestamp: 1_000_000 + 2000 * points, connectedPeersCount: 1 },
    ...{ ...totals, sentTotal: 20 * points, receivedTotal: 40 * points, relayedTotal: 2 * points },
    ...others,
    extra: { elapsedMs: 2000 * points, tickRatePerSec: 60, timerLatenessMaxMs: 2, ...extra },
  };
}

test("before any peer has said something there is nothing to tell", () => {
  expect(new StepMeter().take([])).toBeUndefined();
});

test("rates are those of all peers, since the start and then since the last look", () => {
  const meter = new StepMeter();
  const busy = { tickRatePerSec: 30, timerLatenessMaxMs: 80.1234, deliveredMessages: 10 };
  expect(meter.take([pointOf("a", 1), pointOf("b", 1, { connectedPeersCount: 2, extra: busy })])).toEqual({
    ...{ peers: 2, sentPerSec: 20, receivedPerSec: 40, relayedPerSec: 2, deliveredPerSec: 5 },
    ...{ connections: 1.5, tickRateMeanPerSec: 45, tickRateLeastPerSec: 30, timerLatenessMaxMs: 80.123 },
  });
  // One has sent two data points meanwhile, the other one that came late.
  const late = { sentTotal: 20 + 25, extra: { ...busy, elapsedMs: 4500, deliveredMessages: 20 } };
  expect(meter.take([pointOf("a", 3), pointOf("b", 2, late)])).toMatchObject({
    ...{ peers: 2, sentPerSec: 20, deliveredPerSec: 4 },
  });
});

test("what no peer tells is left out", () => {
  const extra = { tickRatePerSec: undefined, timerLatenessMaxMs: undefined };
  expect(Object.keys(new StepMeter().take([pointOf("a", 1, { extra })]) ?? {})).toEqual([
    ...["peers", "sentPerSec", "receivedPerSec", "relayedPerSec", "connections"],
  ]);
  // In the results such a peer has no steps.
  expect(new StepMeter().take([pointOf("a", 1, { extra: { elapsedMs: undefined } })])).toBeUndefined();
});

describe("a peer that says nothing new", () => {
  test("counts as before for one look, and not after it, until it speaks again", () => {
    const meter = new StepMeter();
    meter.take([pointOf("a", 1), pointOf("b", 1)]);
    expect(meter.take([pointOf("a", 2), pointOf("b", 1)])).toMatchObject({ peers: 2, sentPerSec: 20 });
    expect(meter.take([pointOf("a", 3), pointOf("b", 1)])).toMatchObject({ peers: 1, sentPerSec: 10 });
    expect(meter.take([pointOf("a", 4), pointOf("b", 3)])).toMatchObject({ peers: 2, sentPerSec: 20 });
  });

  test("leaves none where it is the last, which is told too", () => {
    const meter = new StepMeter();
    meter.take([pointOf("a", 1)]);
    meter.take([pointOf("a", 1)]);
    expect(meter.take([pointOf("a", 1)])).toEqual({
      ...{ peers: 0, sentPerSec: 0, receivedPerSec: 0, relayedPerSec: 0 },
    });
  });
});

test("a peer that begins anew counts from its own start, and none goes below 0", () => {
  const meter = new StepMeter();
  meter.take([pointOf("a", 5)]);
  const anew = { sentTotal: 30, receivedTotal: 6, extra: { elapsedMs: 3000 } };
  expect(meter.take([pointOf("a", 6, anew)])).toMatchObject({ sentPerSec: 10, receivedPerSec: 2 });
  const fewer = { sentTotal: 0, extra: { elapsedMs: 5000 } };
  expect(meter.take([pointOf("a", 7, fewer)])).toMatchObject({ sentPerSec: 0 });
});
