import { describe, expect, test } from "vitest";
import type { NetworkNode } from "../../../src/contracts/deployment.ts";
import type { BlockHistory } from "../../../src/contracts/protocol.ts";
import { checkSafety, type SafetyRequest } from "../../../src/run/watch/safety.ts";

const agreement: SafetyRequest["agreement"] = {
  ...{ comparedHeights: 3, uncomparedHeights: 0 },
  ...{ uncompared: [], forks: [] },
};

/** What nodes hold, in a few words: to which height they came, how many blocks they keep, and from where on they differ. */
interface Held {
  readonly height: number;
  readonly keeps?: number;
  readonly forkedFrom?: number;
  /** How often each height is asked for in vain; for good unless told. */
  readonly mute?: { readonly atHeight: number; readonly times?: number };
}

/** Chains that are far longer than real nodes can make in a test. */
function checkHeld(held: readonly Held[], changes: Partial<SafetyRequest> = {}) {
  let mute = 0;
  const fingerprintAt: BlockHistory["fingerprintAt"] = async ({ port }, height) => {
    const node = held[port];
    if (node === undefined || height > node.height || height <= node.height - (node.keeps ?? 5_000)) {
      return undefined;
    }
    if (node.mute?.atHeight === height && mute++ < (node.mute.times ?? Number.POSITIVE_INFINITY)) {
      throw new Error("no answer in time");
    }
    return `${height}${height >= (node.forkedFrom ?? Number.POSITIVE_INFINITY) ? ` of node${port}` : ""}`;
  };
  return checkSafety({
    network: {
      nodes: held.map((_, index) => ({ name: `node${index}` }) as NetworkNode),
      endpoint: (target) => ({ host: "held", port: Number(target.slice(4)) }),
    },
    protocol: {
      probe: async ({ port }) => ({ height: held[port]?.height ?? 0, peers: 0, catchingUp: false }),
      history: { chained: true, fingerprintAt },
    },
    agreement,
    leftOut: new Map(),
    signal: new AbortController().signal,
    ...changes,
  });
}

describe("a node that is too far behind", () => {
  test("is named, and does not keep a fork of the others from being seen", async () => {
    const report = await checkHeld([
      { height: 50_000 },
      { height: 50_001, forkedFrom: 49_000 },
      { height: 50_002 },
      { height: 120 },
    ]);
    expect(report.forks).toMatchObject([{ height: 49_000, shown: [{}, {}, {}] }]);
    expect(report.prefix).toMatchObject({ height: 48_999, nodes: ["node0", "node1", "node2"] });
    expect(report.notAsked).toEqual([
      { node: "node3", reason: "at height 120, too far behind: the others no longer have that block" },
    ]);
  });

  test("is left out with another one like it; one without a block is named as such", async () => {
    const heights = [0, 50_000, 50_001, 50_002, 120, 121];
    const report = await checkHeld(heights.map((height) => ({ height })));
    expect(report.prefix).toMatchObject({ height: 50_000, nodes: ["node1", "node2", "node3"] });
    expect(report.notAsked).toMatchObject([
      { node: "node0", reason: "at height 0, it has no block" },
      { node: "node4", reason: expect.stringContaining("at height 120, too far behind") },
      { node: "node5", reason: expect.stringContaining("at height 121, too far behind") },
    ]);
  });

  test("is compared with those that are as far behind, where these are more", async () => {
    const report = await checkHeld([{ height: 120 }, { height: 121 }, { height: 50_000 }]);
    expect(report.prefix).toMatchObject({ height: 120, nodes: ["node0", "node1"] });
    expect(report.notAsked).toEqual([{ node: "node2", reason: "it does not have the block at height 120" }]);
  });
});

describe("a fork that is followed down", () => {
  const held = (mute: Held["mute"]): Held[] => [
    { height: 1_000 },
    { height: 1_000, forkedFrom: 10, ...(mute && { mute }) },
  ];

  test("is found at its beginning though an answer has to be asked for twice", async () => {
    const report = await checkHeld(held({ atHeight: 250, times: 1 }));
    expect(report.forks).toMatchObject([{ height: 10 }]);
    expect(report.forks[0]).not.toHaveProperty("notFollowed");
    expect(report.prefix).toMatchObject({ height: 9 });
  });

  test("may begin lower where a node does not say what it holds", async () => {
    const report = await checkHeld(held({ atHeight: 250 }));
    expect(report.forks).toMatchObject([
      {
        height: 500,
        notFollowed: "node1: its block at height 250 could not be fetched: no answer in time",
      },
    ]);
    expect(report.prefix).toBeUndefined();
  });
});

test("nodes that show the same now share no prefix with a fork in it that was seen during the run", async () => {
  const forks = [{ height: 40, seen: "during", shown: [] }] as const;
  const nodes = [{ height: 1_000 }, { height: 1_000 }];
  const report = await checkHeld(nodes, { agreement: { ...agreement, forks } });
  expect(report).toMatchObject({ forks, prefix: undefined });
  const above = [{ height: 1_001, seen: "during", shown: [] }] as const;
  const later = await checkHeld(nodes, { agreement: { ...agreement, forks: above } });
  expect(later.prefix).toMatchObject({ height: 1_000 });
});
