import { expect, test } from "vitest";
import { planFor, run, startNodes, timed } from "../load/setting.ts";

test.each([
  { kind: "every", ms: 10 },
  { kind: "after", ms: 10 },
] as const)("a stand-in commits at its capacity, whatever is offered: $kind", timed, async (commit) => {
  await using nodes = await startNodes([{ replyDelayMs: 0, commit, capacityTps: 100, burst: 5 }]);
  const { report } = await run(planFor(nodes.targets, { drainMs: 4000 }));
  // One second of the window at 100 a second; the block at either edge may fall inside or outside.
  expect(Math.abs((report.committedInWindow ?? 0) - 100)).toBeLessThanOrEqual(3);
  // Nothing is lost: what had to wait commits in the drain.
  expect(report.latency.commit?.measured.count).toBe(200);
});
