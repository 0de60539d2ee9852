import { describe, expect, test } from "vitest";
import { delay, until } from "../../src/core/async.ts";
import { CommitWatchError } from "../../src/load/observe/commit-watch.ts";
import { openTransport } from "../../src/load/transport/open-transport.ts";
import { ledgerImbalance } from "../../src/metrics/stats/ledger.ts";
import { broadcastTxAsync } from "../../src/protocol/rpc/json-rpc.ts";
import type { Behaviour } from "../stand-in/config.ts";
import { type Nodes, planFor, run, startNodes } from "./setting.ts";

const quick: Behaviour = { replyDelayMs: 5, commit: { kind: "after", ms: 20 } };

describe("a node that dies in the window", () => {
  test("keeps being offered its share; its transactions fail by name, the others go on", async () => {
    await using nodes = await startNodes([quick, quick]);
    const plan = planFor(nodes.targets, { windowTransactions: 400, windowMs: 2000 });
    const { report, events } = await run(plan, {
      onEvent: (event) => {
        if (event.type === "load-second" && event.second === 0) void nodes.nodes[1]?.kill();
      },
    });
    expect(ledgerImbalance(report.ledger)).toBeUndefined();
    const rows = events.filter((event) => event.type === "load-second" && event.second >= 0);
    expect(rows.slice(0, 2).map((row) => row.type === "load-second" && row.due)).toEqual([200, 200]);
    const { acknowledged, connectionFailed } = report.ledger.sent;
    expect(connectionFailed.notSeen + acknowledged.notSeen).toBeGreaterThan(80);
    expect(acknowledged.committed).toBeGreaterThanOrEqual(270);
    expect(report.rejections.get("connection failed: ECONNREFUSED")).toBeGreaterThan(80);
    expect(events.some((event) => event.type === "observer-lost" && event.node === "node1")).toBe(true);
    expect(report.observerFailures.map(({ node }) => node)).toEqual(["node1"]);
  });
});

test("replies that nothing waited for are told, those of all nodes together", async () => {
  await using nodes = await startNodes([quick, quick]);
  const plan = planFor(nodes.targets);
  const { events, report } = await run(plan, {
    openTransport: (request) => {
      const isFirst = request.rpc.port === nodes.targets[0]?.rpc.port;
      const strays = new Map([["reply to no request", 2], ...(isFirst ? [["no reply", 1] as const] : [])]);
      return Object.assign(openTransport(request), { strays: () => strays });
    },
  });
  expect(report.ledger.sent.acknowledged.committed).toBe(200);
  expect(events).toContainEqual({
    type: "warning",
    message:
      "Nodes sent replies that no transaction waited for (4 × reply to no request, 1 × no reply): later than the request time-out, repeated, or with a wrong id. The ledger does not count them.",
  });
});

describe("a node that hangs", () => {
  test("holds up its own transactions alone", async () => {
    await using nodes = await startNodes([quick, { ...quick, stall: { atSequence: 0, forMs: 60_000 } }]);
    const { report } = await run(planFor(nodes.targets, { maxInFlight: 60, queueLimit: 60, drainMs: 200 }));
    expect(ledgerImbalance(report.ledger)).toBeUndefined();
    expect(report.ledger.sent.acknowledged).toEqual({ committed: 100, notSeen: 0 });
    expect(
      report.ledger.sent.timedOut.notSeen + report.ledger.unsent.dropped + report.ledger.unsent.cut,
    ).toBe(100);
    expect(report.ledger.unsent.dropped).toBeGreaterThan(50);
    expect(report.inFlightCapReached).toBe(false);
  });
});

describe("subscriptions", () => {
  test("one that breaks is restored, and no commit is lost", async () => {
    await using nodes = await startNodes([quick, quick]);
    const { report, events } = await run(planFor(nodes.targets), {
      onEvent: (event) => {
        if (event.type === "load-phase" && event.phase === "window") {
          void delay(300).then(() => nodes.nodes[0]?.dropSubscriptions());
        }
      },
    });
    expect(report.ledger.sent.acknowledged).toEqual({ committed: 200, notSeen: 0 });
    expect(report.observerFailures).toEqual([]);
    const reported = events.filter(
      (event) => event.type === "observer-lost" || event.type === "observer-restored",
    );
    expect(reported.map(({ type, node }) => [type, node])).toEqual([
      ["observer-lost", "node0"],
      ["observer-restored", "node0"],
    ]);
  });

  test("a target that cannot be watched is named, and nothing is sent", async () => {
    await using nodes = await startNodes([quick, quick]);
    await nodes.nodes[1]?.kill();
    const refused = run(planFor(nodes.targets));
    await expect(refused).rejects.toThrow(CommitWatchError);
    await expect(refused).rejects.toThrow(/node1/);
    await untilClosed(nodes);
  });

  test("nodes that show different blocks are found", async () => {
    await using nodes = await startNodes([quick, { ...quick, forkAtHeight: 15 }, quick]);
    const { report } = await run(planFor(nodes.targets));
    const [first] = report.agreement?.forks ?? [];
    expect(first?.height).toBeGreaterThanOrEqual(15);
    const shown = (name: string) => first?.shown.find(({ node }) => node === name)?.fingerprint;
    expect(shown("node0")).toMatch(/^[0-9A-F]{64}$/);
    expect(shown("node2")).toBe(shown("node0"));
    expect(shown("node1")).not.toBe(shown("node0"));
  });
});

describe("a protocol that fails in its own code", () => {
  const error = new Error("broken adapter");
  const fail = () => {
    throw error;
  };
  test.each([
    ["reading a reply", { classify: fail }],
    ["making a request", { body: fail }],
  ])("%s: ends the run with its error, instead of counting it as the node's", async (_, broken) => {
    await using nodes = await startNodes([quick]);
    const running = run(planFor(nodes.targets), { submission: { ...broadcastTxAsync, ...broken } });
    await expect(running).rejects.toBe(error);
  });
});

describe("abort", () => {
  test.each(["warm-up", "window", "drain"] as const)(
    "in the %s ends at once, with every socket closed",
    async (phase) => {
      await using nodes = await startNodes([
        { ...quick, neverCommitEvery: 10 },
        { ...quick, replyDelayMs: 60_000 },
      ]);
      const abort = new AbortController();
      const reason = new Error("interrupted");
      let abortedAtMs = 0;
      const running = run(planFor(nodes.targets, { drainMs: 30_000 }), {
        signal: abort.signal,
        onEvent: (event) => {
          if (event.type !== "load-phase" || event.phase !== phase) return;
          void delay(100).then(() => {
            abortedAtMs = performance.now();
            abort.abort(reason);
          });
        },
      });
      await expect(running).rejects.toBe(reason);
      expect(performance.now() - abortedAtMs).toBeLessThan(1000);
      await untilClosed(nodes);
    },
  );

  test("before the start: nothing is opened", async () => {
    await using nodes = await startNodes([quick]);
    const reason = new Error("interrupted");
    await expect(run(planFor(nodes.targets), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await nodes.nodes[0]?.connections()).toBe(0);
  });
});

/** The library may keep one idle connection per node, from its control-plane requests. */
async function untilClosed(nodes: Nodes): Promise<void> {
  for (const node of nodes.nodes) {
    await until(async () => (await node.connections()) <= 1 || undefined, {
      timeoutMs: 2000,
      everyMs: 10,
      describe: () => "a node still has the client's connections",
    });
  }
}
