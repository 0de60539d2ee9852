import { describe, expect, test } from "vitest";
import type { NetworkNode } from "../../../src/contracts/deployment.ts";
import type { BlockHistory } from "../../../src/contracts/protocol.ts";
import { until } from "../../../src/core/async.ts";
import { checkSafety, type SafetyRequest } from "../../../src/run/watch/safety.ts";
import { type Nodes, startNodes } from "../../load/setting.ts";
import type { Behaviour } from "../../stand-in/config.ts";
import { buildStandInProtocol } from "../../stand-in/protocol.ts";

const honest: Behaviour = { replyDelayMs: 0, commit: { kind: "every", ms: 10 } };
const forkedAt7: Behaviour = { ...honest, forkAtHeight: 7 };
const { probe, history: asked } = buildStandInProtocol(honest);
if (asked === undefined) throw new Error("stand-ins can be asked for their blocks");
const unchained: BlockHistory = asked;
const chained: BlockHistory = { ...asked, chained: true };

const agreement: SafetyRequest["agreement"] = {
  comparedHeights: 3,
  uncomparedHeights: 4,
  uncompared: [1, 2, 3, 4],
  forks: [],
};

/** Nodes that have come to height 20. */
async function startGrown(...behaviours: readonly Behaviour[]): Promise<Nodes> {
  const nodes = await startNodes(behaviours);
  await until(() => nodes.nodes.every((node) => node.height() >= 20) || undefined, {
    timeoutMs: 20_000,
    everyMs: 10,
    describe: () => "the nodes do not grow",
  });
  return nodes;
}

function check({ targets }: Nodes, changes: Partial<SafetyRequest> & { history?: BlockHistory } = {}) {
  const { history = unchained, ...rest } = changes;
  const endpoints = new Map(targets.map(({ node, rpc }) => [node, rpc]));
  return checkSafety({
    network: {
      nodes: targets.map(({ node: name }) => ({ name }) as NetworkNode),
      endpoint: (target) => endpoints.get(target) ?? { host: "none", port: 0 },
    },
    protocol: { probe, history },
    agreement,
    leftOut: new Map(),
    signal: new AbortController().signal,
    ...rest,
  });
}

describe("nodes that hold the same", () => {
  test("show it at the highest height that all have, and at those that were not compared", async () => {
    await using nodes = await startGrown(honest, honest, honest);
    const report = await check(nodes);
    expect(report).toMatchObject({
      ...{ comparedHeights: 3, uncomparedHeights: 4, comparedAfterwards: 4 },
      prefix: { nodes: ["node0", "node1", "node2"], chained: false },
      ...{ notAsked: [], forks: [] },
    });
    expect(report.prefix?.height).toBeGreaterThanOrEqual(20);
  });

  test("are asked for one height alone, where its block names all before it", async () => {
    await using nodes = await startGrown(honest, honest);
    const heights = new Set<number>();
    const history: BlockHistory = {
      chained: true,
      fingerprintAt: (rpc, height, options) => {
        heights.add(height);
        return unchained.fingerprintAt(rpc, height, options);
      },
    };
    const report = await check(nodes, { history });
    expect(report).toMatchObject({ comparedAfterwards: 0, prefix: { chained: true } });
    expect([...heights]).toEqual([report.prefix?.height]);
  });
});

describe("nodes that part", () => {
  test("are followed down to where they do, where blocks name all before them", async () => {
    await using nodes = await startGrown(honest, forkedAt7, honest);
    const { forks, prefix } = await check(nodes, { history: chained });
    expect(forks).toMatchObject([
      { height: 7, seen: "after", shown: [{ node: "node0" }, { node: "node1" }, { node: "node2" }] },
    ]);
    expect(new Set(forks[0]?.shown.map(({ fingerprint }) => fingerprint)).size).toBe(2);
    expect(prefix).toMatchObject({ height: 6, nodes: ["node0", "node1", "node2"] });
  });

  test("from the first block on, or below what they still have, agree nowhere", async () => {
    await using nodes = await startGrown(honest, { ...honest, forkAtHeight: 1 });
    expect(await check(nodes, { history: chained })).toMatchObject({
      forks: [{ height: 1 }],
      prefix: undefined,
    });
    const fingerprintAt: BlockHistory["fingerprintAt"] = (rpc, height, options) =>
      height < 10 ? Promise.resolve(undefined) : chained.fingerprintAt(rpc, height, options);
    expect(await check(nodes, { history: { ...chained, fingerprintAt } })).toMatchObject({
      forks: [{ height: 10 }],
      prefix: undefined,
    });
  });

  test("are told as they are seen, where blocks name nothing before them", async () => {
    await using nodes = await startGrown(honest, forkedAt7);
    const { forks, prefix } = await check(nodes);
    expect(forks).toMatchObject([{ seen: "after" }]);
    expect(forks[0]?.height).toBeGreaterThanOrEqual(20);
    expect(prefix).toBeUndefined();
  });

  test("at a height that was not compared alone are found there", async () => {
    await using nodes = await startGrown(honest, honest);
    const odd = nodes.targets[1]?.rpc.port;
    const fingerprintAt: BlockHistory["fingerprintAt"] = async (rpc, height, options) =>
      height === 3 && rpc.port === odd ? "ODD" : await unchained.fingerprintAt(rpc, height, options);
    const report = await check(nodes, { history: { ...unchained, fingerprintAt } });
    expect(report).toMatchObject({ comparedAfterwards: 3, prefix: undefined });
    expect(report.forks).toMatchObject([{ height: 3, seen: "after" }]);
    expect(report.forks[0]?.shown[1]).toEqual({ node: "node1", fingerprint: "ODD" });
  });

  test("during the run and after it stand beside each other, each height once", async () => {
    await using nodes = await startGrown(honest, forkedAt7);
    const during = { seen: "during", shown: [] } as const;
    const forks = [
      { height: 7, ...during },
      { height: 9, ...during },
    ];
    const report = await check(nodes, { history: chained, agreement: { ...agreement, forks } });
    expect(report.forks).toEqual(forks);
  });
});

describe("a node", () => {
  test("that does not answer, or was not to be asked, is named; the others are compared", async () => {
    await using nodes = await startGrown(honest, honest, honest, honest);
    await nodes.nodes[1]?.kill();
    const report = await check(nodes, { leftOut: new Map([["node3", "it was down on purpose"]]) });
    expect(report.prefix?.nodes).toEqual(["node0", "node2"]);
    expect(report.notAsked).toEqual([
      { node: "node1", reason: expect.stringContaining("ECONNREFUSED") },
      { node: "node3", reason: "it was down on purpose" },
    ]);
  });

  test("that says how far it is and shows no block is named too", async () => {
    await using nodes = await startGrown(honest, honest, honest);
    const silent = nodes.targets[2]?.rpc.port;
    const fingerprintAt: BlockHistory["fingerprintAt"] = async (rpc, height, options) => {
      if (rpc.port === silent) throw new Error("no such height");
      return await unchained.fingerprintAt(rpc, height, options);
    };
    const report = await check(nodes, { history: { ...unchained, fingerprintAt } });
    expect(report).toMatchObject({ comparedAfterwards: 4, prefix: { nodes: ["node0", "node1"] } });
    expect(report.notAsked).toMatchObject([
      {
        node: "node2",
        reason: expect.stringMatching(/^its block at height \d+ could not be fetched: no such height/),
      },
    ]);
  });

  test("that is alone with its answer has nothing to be compared with", async () => {
    await using nodes = await startGrown(honest, honest);
    await nodes.nodes[0]?.kill();
    const report = await check(nodes);
    expect(report).toMatchObject({ prefix: undefined, comparedAfterwards: 0, notAsked: [{ node: "node0" }] });
  });
});

test("a protocol whose nodes cannot be asked leaves it at what was seen during the run", async () => {
  await using nodes = await startGrown(honest, forkedAt7);
  expect(await check(nodes, { protocol: { probe } })).toEqual({
    ...{ comparedHeights: 3, uncomparedHeights: 4, comparedAfterwards: 0 },
    ...{ prefix: undefined, notAsked: [], forks: [] },
  });
});

test("an abort ends the asking with its reason", async () => {
  await using nodes = await startGrown(honest, honest);
  const reason = new Error("interrupted");
  const abort = new AbortController();
  const fingerprintAt: BlockHistory["fingerprintAt"] = (rpc, height, options) => {
    abort.abort(reason);
    return unchained.fingerprintAt(rpc, height, options);
  };
  const checking = check(nodes, { history: { ...unchained, fingerprintAt }, signal: abort.signal });
  await expect(checking).rejects.toBe(reason);
});
