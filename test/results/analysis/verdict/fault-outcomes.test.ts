import { describe, expect, test } from "vitest";
import type { FaultRecord } from "../../../../src/contracts/results/faults.ts";
import { faultOutcomes } from "../../../../src/results/analysis/verdict/fault-outcomes.ts";

describe("the first commit after a fault", () => {
  const crash: FaultRecord = {
    node: "node3",
    action: "crash",
    askedSecs: 0,
    issuedSecs: 0.01,
    effectiveSecs: 0.1,
  };
  const heightsSeenMs = [-50, 20, 99, 100, 180];

  test.each<[string, Partial<FaultRecord>, number | undefined]>([
    ["is the first since the crash took effect", {}, 0.1],
    ["is the first since a recovery was ordered", { action: "recover" }, 0.02],
    ["is none where all were before", { effectiveSecs: 0.181 }, undefined],
    ["is none where the fault had no effect", { effectiveSecs: undefined, failure: "gone" }, undefined],
  ])("%s", (_, change, wanted) => {
    const [outcome] = faultOutcomes([{ ...crash, ...change }], heightsSeenMs);
    expect(outcome).toMatchObject({ ...crash, ...change });
    expect(outcome?.firstCommitSecs).toBe(wanted);
  });
});
