import { expect, test } from "vitest";
import { buildPacer } from "../../../src/load/pacing/pacer.ts";
import { ringCapacity } from "../../../src/load/tally/ring.ts";
import { planFor } from "../setting.ts";
import { virtualTargets } from "../virtual-client.ts";

test.each([
  { inFlight: 1, of: 1, commitsObservable: true, capacity: 2 ** 21 },
  { inFlight: 8, of: 4, commitsObservable: true, capacity: 2 ** 19 },
  { inFlight: 1, of: 1, commitsObservable: false, capacity: 2 ** 20 },
])(
  "a closed loop with $inFlight in flight, of $of clients, is remembered for minutes at any likely rate",
  (options) => {
    const { inFlight, of, commitsObservable, capacity } = options;
    const closed = { closedLoop: { inFlight }, rateTps: inFlight * 100, windowTransactions: 0 };
    const plan = planFor(virtualTargets(1), { ...closed, share: { index: 0, of } });
    expect(ringCapacity(plan, buildPacer(plan), commitsObservable)).toBe(capacity);
  },
);
