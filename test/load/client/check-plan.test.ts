import { describe, expect, test } from "vitest";
import { checkPlan } from "../../../src/load/client/check-plan.ts";
import { buildPacer } from "../../../src/load/pacing/pacer.ts";
import type { ClientPlan } from "../../../src/load/plan/client-plan.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";
import { planFor } from "../setting.ts";
import { virtualTargets } from "../virtual-client.ts";

const check = (changes: Partial<ClientPlan>) => {
  const plan = planFor(virtualTargets(2), changes);
  checkPlan(plan, mysticeti, buildPacer(plan));
};

describe("a client refuses", () => {
  test.each<[string, Partial<ClientPlan>, RegExp]>([
    ["more transactions than its rate has in the window", { windowTransactions: 201 }, /do not fit/],
    ["fewer places in flight than nodes", { maxInFlight: 1 }, /1 requests may be in flight at 2 targets/],
    [
      "less in flight than clients",
      { closedLoop: { inFlight: 1 }, share: { index: 0, of: 2 } },
      /1 transactions may be in flight, but it is one of 2/,
    ],
  ])("%s", (_, changes, reason) => {
    expect(() => check({})).not.toThrow();
    expect(() => check(changes)).toThrow(reason);
  });
});

test("Poisson arrivals are not drawn to be checked", () => {
  const plan = planFor(virtualTargets(2), { arrival: "poisson", windowTransactions: 1e9 });
  const pacer = { ...buildPacer(plan), dueMs: () => expect.fail("an arrival was drawn") };
  expect(() => checkPlan(plan, mysticeti, pacer)).not.toThrow();
});
