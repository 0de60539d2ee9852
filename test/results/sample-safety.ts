/** Results that differ in what is known of the nodes' agreement, of the hosts' clocks, and of the blocks' ages. */
import type { RunResult } from "../../src/contracts/results/result.ts";
import { hostsRun, validRun } from "./sample-results.ts";

const blockAge = {
  ...{ count: 3_600, negative: 0 },
  ...{ minMs: 41, p50Ms: 84, p99Ms: 131, maxMs: 190, meanMs: 85.25 },
};

/** Every host's clock is known, one of them far off; blocks are older than that, though some seem to be of later. */
const skewedRun: RunResult = {
  ...hostsRun,
  links: {
    before: {
      hosts: [
        { name: "host0", clockOffsetMs: 0.1, clockErrorMs: 0.6 },
        { name: "host1", clockOffsetMs: 79.9, clockErrorMs: 0.7 },
      ],
      pairs: [],
    },
    after: {
      hosts: [
        { name: "host0", clockOffsetMs: 0.2, clockErrorMs: 0.6 },
        { name: "host1", clockOffsetMs: 80.1, clockErrorMs: 0.8 },
      ],
      pairs: [],
    },
    betweenSecs: 20,
  },
  linkGaps: [],
  blockAge: { ...blockAge, negative: 3, minMs: -12 },
};

/** A clock was set during the run: nothing is known of the time between. */
const steppedRun: RunResult = {
  ...skewedRun,
  links: {
    ...skewedRun.links,
    after: {
      hosts: [
        { name: "host0", clockOffsetMs: 0.2, clockErrorMs: 0.6 },
        { name: "host1", clockOffsetMs: -0.2, clockErrorMs: 0.8 },
      ],
      pairs: [],
    },
  },
};

/** All that could be compared was, but for a node that was down. */
const safeRun: RunResult = {
  ...validRun,
  safety: {
    comparedHeights: 1_200,
    uncomparedHeights: 2_400,
    comparedAfterwards: 0,
    prefix: {
      height: 3_600,
      fingerprint: "C0FFEE0000000000000000000000000000000000000000000000000000000001",
      nodes: ["node0", "node1", "node2"],
      chained: true,
    },
    notAsked: [{ node: "node3", reason: "it was down on purpose" }],
    forks: [],
  },
  blockAge,
};

/** Two chains, one seen by the subscriptions, one by asking afterwards; hashes are no nested chain. */
const forkedRun: RunResult = {
  ...validRun,
  safety: {
    comparedHeights: 3_590,
    uncomparedHeights: 12,
    comparedAfterwards: 9,
    notAsked: [{ node: "node3", reason: "connect ECONNREFUSED 127.0.0.1:26657" }],
    forks: [
      {
        height: 3_591,
        seen: "during",
        shown: [
          { node: "node0", fingerprint: "AA00000000000000000000000000000000000000000000000000000000000001" },
          { node: "node1", fingerprint: "BB00000000000000000000000000000000000000000000000000000000000001" },
        ],
      },
      {
        height: 3_600,
        seen: "after",
        shown: [
          { node: "node0", fingerprint: "AA00000000000000000000000000000000000000000000000000000000000002" },
          { node: "node1", fingerprint: "BB00000000000000000000000000000000000000000000000000000000000002" },
        ],
        notFollowed: "node1: its block at height 1800 could not be fetched: no answer within 5000 ms",
      },
    ],
  },
  blockAge: { count: 10, negative: 4, minMs: -1, p50Ms: 0, p99Ms: 1, maxMs: 1, meanMs: 0.1 },
  verdict: {
    status: "invalid",
    reasons: [
      "nodes disagree on the committed prefix at height 3591: node0 AA00000000000000, node1 BB00000000000000",
      "nodes disagree on the committed prefix at height 3600: node0 AA00000000000000, node1 BB00000000000000",
    ],
  },
};

export const safetyRuns = {
  skewed: skewedRun,
  stepped: steppedRun,
  safe: safeRun,
  forked: forkedRun,
} as const satisfies Record<string, RunResult>;
