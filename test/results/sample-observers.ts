/** Results that differ in how the nodes' commits were seen. */
import type { RunResult } from "../../src/contracts/results/result.ts";
import { validRun } from "./sample-results.ts";

/** Two nodes gave no subscription. */
const polledRun: RunResult = {
  ...validRun,
  observer: {
    ...{ blocks: 14_400, transactions: 68_544, bytes: 51_408_000 },
    ...{ cpuMs: 9_876.543, cpuMaxRatio: 0.123_4 },
    ...{ loopDelayP99Ms: 1.25, loopDelayMaxMs: 8.062, lagMaxMs: 12.003 },
    polled: [
      { node: "node0", everyMs: 20 },
      { node: "node1", everyMs: 20 },
    ],
  },
};

/** Its thread was busy with other things. */
const slowObserverRun: RunResult = {
  ...validRun,
  observer: {
    ...{ blocks: 14_400, transactions: 68_544, bytes: 51_408_000 },
    ...{ cpuMs: 171_000, cpuMaxRatio: 0.998 },
    ...{ loopDelayP99Ms: 48.127, loopDelayMaxMs: 310.5, lagMaxMs: 298.25 },
    polled: [],
  },
  verdict: {
    status: "generator-limited",
    reasons: [
      "the commit observer read blocks late: p99 48.1 ms, limit 4.4 ms (CPU 1.00 of a core in the busiest second, at most 310.5 ms)",
    ],
  },
};

export const observerRuns = {
  polled: polledRun,
  "slow-observer": slowObserverRun,
} as const satisfies Record<string, RunResult>;
