import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { EventBody } from "../../src/contracts/events.ts";
import type { Protocol } from "../../src/contracts/protocol.ts";
import type { ClientPlan } from "../../src/load/plan/client-plan.ts";
import { ledgerImbalance } from "../../src/metrics/stats/ledger.ts";
import { buildCustomProtocol } from "../../src/protocol/custom/custom.ts";
import type { CustomFile } from "../../src/protocol/custom/schema/schema.ts";
import { planFor } from "../load/setting.ts";
import {
  adapterIn,
  type EtcdCluster,
  polledEtcd,
  startEtcd,
  watchedEtcd,
} from "../protocol/custom/submission/etcd.ts";
import { drive } from "../run/driven.ts";
import { whyNoEtcd } from "../support/etcd.ts";

/** Two clients in a process of their own, at 100 tx/s for three seconds. */
async function load(
  protocol: Protocol,
  ports: readonly number[],
  { onEvent, ...changes }: Partial<ClientPlan> & { readonly onEvent?: (body: EventBody) => void } = {},
) {
  const targets = ports.map((port, index) => ({ node: `node${index}`, rpc: { host: "127.0.0.1", port } }));
  const plan = planFor(targets, {
    // Every run's transactions are others, as those of a sweep are.
    run: Math.floor(performance.timeOrigin + performance.now()) % 2 ** 32,
    transport: { kind: "http", inFlightPerConnection: 1, batchSize: 1 },
    rateTps: 100,
    windowTransactions: 300,
    windowMs: 3000,
    drainMs: 5000,
    ...changes,
  });
  const pids: number[] = [];
  const driven = await drive(plan, {
    clients: 2,
    protocol,
    onProcess: (pid) => pids.push(pid),
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  expect(pids).toHaveLength(1);
  expect(pids).not.toContain(process.pid);
  return driven;
}

/** The longest time in which no height came, among these times. */
function longestGapMs(times: readonly number[]): number {
  return times.slice(1).reduce((longest, ms, index) => Math.max(longest, ms - (times[index] ?? ms)), 0);
}

describe.skipIf(whyNoEtcd !== undefined)(`three etcd members ${whyNoEtcd ?? ""}`, () => {
  let etcd: EtcdCluster;
  beforeAll(async () => {
    etcd = await startEtcd(3);
  });
  afterAll(async () => etcd?.[Symbol.asyncDispose]());

  test.each([
    ["watched", "http", 1, watchedEtcd],
    ["watched", "http", 4, watchedEtcd],
    ["watched", "undici", 1, watchedEtcd],
    ["polled", "http", 1, polledEtcd],
  ] as const)(
    "%s, put over %s with %i in flight on a connection: every transaction is seen committed, once",
    async (how, kind, inFlightPerConnection, build) => {
      const ports = etcd.members.map(({ port }) => port);
      const transport = { kind, inFlightPerConnection, batchSize: 1 };
      const { report, lostClients } = await load(await build(), ports, { transport });
      expect(lostClients).toEqual([]);
      expect(report.ledger).toMatchObject({
        scheduled: 300,
        unsent: { dropped: 0, cut: 0 },
        sent: { acknowledged: { committed: 300, notSeen: 0 } },
        duplicateCommits: 0,
        unknownCommits: 0,
        forgottenCommits: 0,
      });
      expect(report.rejections).toEqual(new Map());
      expect(report.observerFailures).toEqual([]);
      // Each transaction is a position, 50 of them of the warm-up; the last ones may come to some members too late.
      const { forks, comparedHeights = 0, uncomparedHeights = 0 } = report.agreement ?? {};
      expect(forks).toEqual([]);
      expect(comparedHeights + uncomparedHeights).toBe(350);
      expect(uncomparedHeights).toBeLessThan(20);
      expect(report.observer?.polled).toHaveLength(how === "polled" ? 3 : 0);
    },
  );

  test("the one that leads is killed: commits stop for 1 to 5 s, go on, and what it missed is read when it is back", async () => {
    await using etcd = await startEtcd(3);
    const leader = await etcd.leader();
    let killed: Promise<void> | undefined;
    const { report, events } = await load(
      await watchedEtcd(),
      etcd.members.map(({ port }) => port),
      {
        windowTransactions: 1500,
        windowMs: 15_000,
        drainMs: 10_000,
        requestTimeoutMs: 10_000,
        failover: true,
        // With a segment, the times of heights are kept.
        segments: [{ fromMs: -500, down: [] }],
        onEvent: (body) => {
          if (body.type !== "load-second") return;
          if (body.second === 2) killed ??= leader.kill();
          if (body.second === 8) etcd.restart(leader);
        },
      },
    );
    await killed;
    // Those that follow wait for a second at least since the last heartbeat, which came up to 100 ms before the end.
    const gapMs = longestGapMs(report.heightsSeenMs);
    expect(gapMs).toBeGreaterThan(850);
    expect(gapMs).toBeLessThan(5000);
    const { ledger } = report;
    expect(ledgerImbalance(ledger)).toBeUndefined();
    expect(ledger.scheduled).toBe(1500);
    expect(ledger.unknownCommits).toBe(0);
    const node = `node${etcd.members.indexOf(leader)}`;
    const reported = events.map(({ body }) => body).filter(({ type }) => type.startsWith("observer-"));
    expect(reported).toMatchObject([
      { type: "observer-lost", node },
      { type: "observer-restored", node },
    ]);
    expect(report.observerFailures).toEqual([]);
    // Nothing is left out at the member that was away either.
    expect(report.agreement?.forks).toEqual([]);
    expect(report.agreement?.uncomparedHeights).toBeLessThan(20);
  });
});

/** A described service that answers as it is told, at `port`. */
function plainService(accepted: NonNullable<CustomFile["transaction"]>["accepted"]): Protocol {
  const file: CustomFile = {
    name: "plain",
    nodes: [{ role: "server", program: { binary: "/bin/true" }, ports: { rpc: "any" } }],
    health: { path: "/health" },
    transaction: {
      path: "/items",
      json: { item: "${transaction}" },
      ...(accepted === undefined ? {} : { accepted }),
    },
  };
  return adapterIn(buildCustomProtocol(file));
}

describe("a plain HTTP service without commits", () => {
  test("is measured by its replies, and what it refuses is told with its reason", async () => {
    let count = 0;
    const server = createServer((request, response) => {
      request.resume().on("end", () => {
        const refuses = request.method === "POST" && ++count % 10 === 0;
        response.statusCode = refuses ? 429 : 201;
        response.end(refuses ? '{"error":"too much"}' : '{"stored":true}');
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const protocol = plainService({ status: 201, equals: { "/stored": true }, reason: "/error" });
    expect(protocol.observeCommits).toBeUndefined();
    const { report } = await load(protocol, [(server.address() as AddressInfo).port], {
      windowTransactions: 200,
      windowMs: 2000,
    });
    const refused = report.rejections.get("HTTP 429: too much") ?? 0;
    // Every tenth, some of them in the warm-up.
    expect(refused).toBeGreaterThanOrEqual(19);
    expect(refused).toBeLessThanOrEqual(21);
    expect(report.ledger.sent).toMatchObject({
      acknowledged: { committed: 0, notSeen: 200 - refused },
      rejected: { committed: 0, notSeen: refused },
    });
    expect(report.committedInWindow).toBeUndefined();
    expect(report.latency.commit).toBeUndefined();
    const { response, responseAccepted, responseRefused } = report.latency;
    expect([response?.measured.count, response?.censored.count]).toEqual([200, 0]);
    expect(responseAccepted?.measured.count).toBe(200 - refused);
    expect(responseRefused?.measured.count).toBe(refused);
    expect(report.observer).toBeUndefined();
  });
});
