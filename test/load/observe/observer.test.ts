import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { planObserver } from "../../../src/load/observe/observer-plan.ts";
import { mergeLedgers } from "../../../src/metrics/stats/ledger.ts";
import { defaultParameters } from "../../../src/options/defaults.ts";
import { type Evidence, judgeRun } from "../../../src/results/analysis/verdict/verdict.ts";
import { openTcpProxy } from "../../protocol/tcp-proxy.ts";
import { openUpgradeProxy } from "../../protocol/upgrade-proxy.ts";
import { planFor as clientPlan } from "../setting.ts";
import { becomes, commitBlock, observe, planFor, run, sequencesOf, serveChains } from "./observing-chains.ts";

describe("an observer", () => {
  test("tells each client its own commits, at each of its nodes, and nobody those of others", async () => {
    const { chains, targets } = await serveChains(2);
    // Client 1 sends to the second node alone.
    const clients = [
      { client: 0, places: [0, 1] },
      { client: 1, places: [-1, 0] },
    ];
    const { reported, observer } = await observe(planFor(targets, { clients }));
    observer.begin(systemClock.monotonicMs());
    for (const chain of chains) {
      commitBlock(chain, [
        { client: 0, sequence: 3 },
        { client: 1, sequence: 4 },
        { client: 2, sequence: 5 },
        { client: 0, sequence: 6, run: run + 1 },
        { client: 0, sequence: 2 ** 47 },
      ]);
      commitBlock(chain, []);
    }
    await becomes(() => reported.batches.length === 3, "three batches told");
    expect(sequencesOf(reported, 0, 0)).toEqual([3, 2 ** 47]);
    expect(sequencesOf(reported, 0, 1)).toEqual([3, 2 ** 47]);
    expect(sequencesOf(reported, 1, 0)).toEqual([4]);
    await becomes(() => observer.finish().observer?.blocks === 4, "four blocks counted");
    const report = observer.finish();
    expect(report.watched).toEqual({ nodes: ["node0", "node1"], heights: { from: 1, to: 2 } });
    expect(report.agreement).toMatchObject({ comparedHeights: 2, uncomparedHeights: 0, forks: [] });
    expect(report.heightsSeen).toEqual([1, 2]);
    expect(report.observer).toMatchObject({ transactions: 10, polled: [] });
    expect(report.observer?.bytes).toBeGreaterThan(10 * 64);
  });

  test("tells once a second how high each node is, while one of them grows", async () => {
    const { chains, targets } = await serveChains(2);
    const { reported } = await observe(planFor(targets));
    const heights = () =>
      reported.events.flatMap((event) => (event.type === "node-heights" ? [event.heights] : []));
    commitBlock(chains[0] ?? expect.fail("no chain"), []);
    await becomes(() => heights().length === 1, "the first height told");
    for (const chain of chains) commitBlock(chain, []);
    await becomes(() => heights().length === 2, "the next heights told");
    expect(heights()).toEqual([
      [{ node: "node0", height: 1 }],
      [
        { node: "node0", height: 2 },
        { node: "node1", height: 1 },
      ],
    ]);
  });

  test("never claims to have told what it has not, though a block waits for others that must be fetched", async () => {
    const { chains, targets } = await serveChains(1);
    const [chain, target] = [chains[0], targets[0]];
    if (chain === undefined || target === undefined) throw new Error("no node");
    const proxy = await openTcpProxy(target.rpc.port);
    const { reported } = await observe(planFor([{ ...target, rpc: { ...target.rpc, port: proxy.port } }]));
    for (let round = 0; round < 6; round++) {
      commitBlock(chain, [{ client: 0, sequence: 4 * round }]);
      await becomes(() => sequencesOf(reported, 0, 0).at(-1) === 4 * round, "the block told");
      proxy.break();
      for (const part of [1, 2]) commitBlock(chain, [{ client: 0, sequence: 4 * round + part }]);
      proxy.heal();
      commitBlock(chain, [{ client: 0, sequence: 4 * round + 3 }]);
      await becomes(() => sequencesOf(reported, 0, 0).at(-1) === 4 * round + 3, "the missed blocks told");
    }
    expect(sequencesOf(reported, 0, 0)).toEqual(Array.from({ length: 24 }, (_, index) => index));
    const { atMs = 0 } = reported.batches.at(-1) ?? {};
    await becomes(() => (reported.watermarks.at(-1)?.upToMs ?? 0) > atMs, "all claimed");
    for (const { upToMs, batchesBefore } of reported.watermarks) {
      const later = reported.batches.slice(batchesBefore);
      expect(Math.min(...later.map(({ seenMs }) => seenMs))).toBeGreaterThanOrEqual(upToMs);
    }
    const times = reported.watermarks.map(({ upToMs }) => upToMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(reported.watermarks.every(({ upToMs, atMs: at }) => upToMs <= at)).toBe(true);
  });

  test("reads blocks of ten thousand transactions: every one is told, in order, stamped before it was decoded", async () => {
    const { chains, targets } = await serveChains(1);
    const { reported, observer } = await observe(planFor(targets));
    observer.begin(systemClock.monotonicMs());
    for (let block = 0; block < 3; block++) {
      const all = Array.from({ length: 10_000 }, (_, index) => 10_000 * block + index);
      commitBlock(
        chains[0] ?? expect.fail("no chain"),
        all.map((sequence) => ({ client: sequence % 2, sequence })),
        512,
      );
    }
    await becomes(() => reported.batches.length === 6, "six batches told");
    const evens = Array.from({ length: 15_000 }, (_, index) => 2 * index);
    expect(sequencesOf(reported, 0, 0)).toEqual(evens);
    expect(sequencesOf(reported, 1, 0)).toEqual(evens.map((sequence) => sequence + 1));
    for (const { seenMs, atMs } of reported.batches) expect(seenMs).toBeLessThan(atMs);
    const { observer: figures } = observer.finish();
    expect(figures?.transactions).toBe(30_000);
    expect(figures?.lagMaxMs).toBeGreaterThan(0);
  });

  test("whose thread is busy is late, and the run says so", async () => {
    const { chains, targets } = await serveChains(1);
    const [chain] = chains;
    if (chain === undefined) throw new Error("no chain");
    const burn = () => {
      const endMs = performance.now() + 60;
      while (performance.now() < endMs);
    };
    const { reported, observer } = await observe(planFor(targets, { windowMs: 1500 }), burn);
    const startMs = systemClock.monotonicMs();
    observer.begin(startMs);
    while (systemClock.monotonicMs() < startMs + 1500) {
      const sequence = chain.height();
      commitBlock(chain, [{ client: 0, sequence }]);
      await becomes(() => reported.batches.length === sequence + 1, "the block told");
    }
    const { observer: slow } = observer.finish();
    expect(slow?.loopDelayP99Ms).toBeGreaterThan(40);
    expect(slow?.cpuMaxRatio).toBeGreaterThan(0);
    expect(slow?.lagMaxMs).toBeGreaterThanOrEqual(60);
    const verdict = judgeRun({ ...goodEvidence, observer: slow }, defaultParameters.limits);
    expect(verdict.status).toBe("generator-limited");
    expect(verdict.reasons).toEqual([
      expect.stringMatching(/^the commit observer read blocks late: p99 \d+\.\d ms, limit 5\.0 ms \(CPU/),
    ]);
  });

  test("polls a node without subscriptions, tells its commits, and says so", async () => {
    const { chains, targets } = await serveChains(2);
    const proxy = await openUpgradeProxy(targets[1]?.rpc.port ?? 0, "refuse");
    const behind = targets.map((target, index) =>
      index === 0 ? target : { ...target, rpc: { ...target.rpc, port: proxy.port } },
    );
    const { reported, observer } = await observe(planFor(behind));
    observer.begin(systemClock.monotonicMs());
    for (const chain of chains) commitBlock(chain, [{ client: 1, sequence: 9 }]);
    await becomes(() => reported.batches.length === 2, "both commits told");
    expect([sequencesOf(reported, 1, 0), sequencesOf(reported, 1, 1)]).toEqual([[9], [9]]);
    await becomes(() => reported.events.length === 1, "the polling told");
    expect(reported.events).toMatchObject([{ type: "observer-polls", node: "node1", everyMs: 20 }]);
    const report = observer.finish();
    expect(report.observer?.polled).toEqual([{ node: "node1", everyMs: 20 }]);
    expect(report.observerFailures).toEqual([]);
  });
});

const ledger = {
  ...mergeLedgers([]),
  scheduled: 10,
  sent: { ...mergeLedgers([]).sent, acknowledged: { committed: 10, notSeen: 0 } },
};
const latency = { count: 10, censored: 0, p50: { ms: 50, atLeast: false } };
const lateness = { count: 10, censored: 0, p99: { ms: 0.1, atLeast: false } };

/** Of a run that nothing is wrong with. */
const goodEvidence: Evidence = {
  windowTransactions: 10,
  nodeExits: [],
  observerFailures: [],
  stalls: [],
  inFlightCapReached: false,
  ledger,
  clients: [{ name: "client0", host: "coordinator", ledger, lateness }],
  rejections: [],
  lateness,
  headline: latency,
  latency: { commit: latency, commitService: latency, response: latency, submit: latency },
  forks: [],
  faults: [],
  linkChanges: [],
  linkGaps: [],
  windowSecs: 1,
  maxInFlight: 10,
};

describe("the plan of an observer", () => {
  const at = (port: number) => ({ node: `node${port}`, rpc: { host: "127.0.0.1", port } });

  test("has every client's nodes once, and knows each by its place among the client's own", () => {
    const plans = [
      clientPlan([at(1), at(2)], { client: 4 }),
      clientPlan([at(3), at(2)], { client: 9, segments: [{ fromMs: -500, down: [] }] }),
    ] as const;
    const plan = planObserver([plans[0], plans[1]]);
    expect(plan.targets).toEqual([at(1), at(2), at(3)]);
    expect(plan.clients).toEqual([
      { client: 4, places: [0, 1, -1] },
      { client: 9, places: [-1, 1, 0] },
    ]);
  });
});
