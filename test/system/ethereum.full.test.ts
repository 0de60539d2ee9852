/** Loads on a real Ethereum client: anvil, as processes. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { EventBody } from "../../src/contracts/events.ts";
import { formatOrigin } from "../../src/core/address.ts";
import { sendHttp } from "../../src/core/http.ts";
import {
  createProcessDeployer,
  defaultParameters,
  ethereum,
  ledgerImbalance,
  runSweep,
  type SweepParameters,
  systemClock,
} from "../../src/index.ts";
import type { ClientPlan } from "../../src/load/plan/client-plan.ts";
import { planFor } from "../load/setting.ts";
import { type Anvil, anvil, startAnvil, whyNoAnvil } from "../protocol/ethereum/anvil.ts";
import { openTcpProxy } from "../protocol/tcp-proxy.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../results/temporary-folder.ts";
import { drive } from "../run/driven.ts";

const { localLoadsTps, remoteLoadsTps, consoleOutput, ...defaults } = defaultParameters;
const parameters: SweepParameters = {
  ...defaults,
  committee: 1,
  loadsTps: [100],
  durationSecs: 5,
  warmUpSecs: 1,
  drainSecs: 15,
  runtime: "process",
  program: { path: anvil },
};

async function sweep(folder: TemporaryFolder, changes: Partial<SweepParameters>) {
  const events: EventBody[] = [];
  const deployer = createProcessDeployer({
    nodeBinary: process.execPath,
    stateDir: join(folder.path, "state"),
    env: process.env,
  });
  const { results } = await runSweep(
    { ...parameters, ...changes },
    {
      protocol: ethereum,
      deployer,
      clientRuntime: { nodeBinary: process.execPath, env: process.env },
      emit: (body) => events.push(body),
      clock: systemClock,
      signal: new AbortController().signal,
      run: "0badcafe",
    },
  );
  return { results, events };
}

/** Two clients in a process of their own, at 100 tx/s for five seconds. */
function load(port: number, changes: Partial<ClientPlan>, onEvent: (body: EventBody) => void = () => {}) {
  const plan = planFor([{ node: "node0", rpc: { host: "127.0.0.1", port } }], {
    transport: { kind: "http", inFlightPerConnection: 1, batchSize: 1 },
    transactionSizeBytes: 300,
    rateTps: 100,
    windowTransactions: 500,
    windowMs: 5000,
    drainMs: 5000,
    ...changes,
  });
  return drive(plan, { clients: 2, protocol: ethereum, onEvent });
}

const observerEvents = (events: readonly EventBody[]) =>
  events.filter(({ type }) => type.startsWith("observer-"));

/** What one call gave. */
async function call({ rpc }: Anvil, body: string) {
  const headers = { "content-type": "application/json" };
  return await sendHttp(formatOrigin("http", rpc), {
    method: "POST",
    path: "/",
    headers,
    body,
    timeoutMs: 5000,
  });
}

describe.skipIf(whyNoAnvil !== undefined)(`a real anvil ${whyNoAnvil ?? ""}`, () => {
  test("replies in the bytes that are known as its acceptance; what it refuses has its reason", async () => {
    await using node = await startAnvil({});
    const { submission, transactions } = ethereum;
    const bodyOf = (sequence: number) =>
      submission.body(transactions.encode({ run: 1, client: 0, sequence }, 200, 1), sequence);
    const single = await call(node, bodyOf(1));
    const bytes = Buffer.from(single.body);
    expect(submission.isUsualAcceptance?.(bytes, { start: 0, end: bytes.length }, 1), single.body).toBe(true);
    expect(submission.isUsualAcceptance?.(bytes, { start: 0, end: bytes.length }, 2)).toBe(false);
    expect(submission.classify(single.status, single.body, 1)).toEqual({ accepted: true });
    const again = await call(node, bodyOf(1));
    expect(submission.classify(again.status, again.body, 1)).toEqual({
      accepted: false,
      reason: "error -32003: transaction already imported",
    });
    const batch = await call(node, `[${bodyOf(1)},${bodyOf(2)}]`);
    expect(submission.batch?.split(batch.status, batch.body)).toMatchObject({
      kind: "each",
      replies: [
        { id: 1, reply: { accepted: false } },
        { id: 2, reply: { accepted: true } },
      ],
    });
    const wrong = await call(node, "[");
    expect(submission.batch?.split(wrong.status, wrong.body)).toMatchObject({ kind: "refused" });
  });

  test("at 50 and 100 tx/s, with a block each second: each transaction is seen in one", async () => {
    await using folder = await makeTemporaryFolder();
    const { results, events } = await sweep(folder, { loadsTps: [50, 100] });
    expect(results.map(({ ledger }) => ledger.sent.acknowledged)).toEqual([
      { committed: 250, notSeen: 0 },
      { committed: 500, notSeen: 0 },
    ]);
    for (const { ledger, latency, verdict } of results) {
      expect(ledgerImbalance(ledger)).toBeUndefined();
      expect(verdict.status, verdict.reasons.join()).not.toBe("invalid");
      // A transaction waits for the next block, half a second on average.
      expect(latency.commit?.meanMs).toBeGreaterThan(300);
      expect(latency.commit?.meanMs).toBeLessThan(1500);
    }
    expect(observerEvents(events)).toEqual([]);
    expect(events.filter(({ type }) => type === "transactions-made").at(-1)).toMatchObject({
      made: 600,
      of: 600,
    });
  });

  test.each([
    ["http-batch", 10],
    ["websocket", 1],
  ] as const)("by %s, with a block for each submission", async (kind, batchSize) => {
    await using folder = await makeTemporaryFolder();
    const transport = { kind, inFlightPerConnection: 1, batchSize };
    const { results, events } = await sweep(folder, { transport, protocolOptions: { blockTimeSecs: 0 } });
    const [result] = results;
    expect(result && ledgerImbalance(result.ledger)).toBeUndefined();
    expect(result?.ledger.sent.acknowledged).toEqual({ committed: 500, notSeen: 0 });
    expect(observerEvents(events)).toEqual([]);
  });

  test("a connection that is cut costs no commit: missed blocks are fetched, in order", async () => {
    await using node = await startAnvil({ blockTimeSecs: 0.2 });
    const proxy = await openTcpProxy(node.rpc.port);
    let cuts = 0;
    const { report, events } = await load(proxy.port, {}, (body) => {
      // The observer's connection, and those of clients: what was under way there has failed.
      if (body.type === "load-second" && body.second === 1 && cuts++ === 0) proxy.cut();
    });
    expect(cuts).toBe(1);
    const { ledger } = report;
    expect(ledgerImbalance(ledger)).toBeUndefined();
    expect(ledger.scheduled).toBe(500);
    expect(ledger.sent.acknowledged.notSeen).toBe(0);
    expect(ledger.sent.acknowledged.committed).toBeGreaterThan(450);
    expect(ledger.duplicateCommits).toBe(0);
    const observed = events.map(({ body }) => body).filter(({ type }) => type.startsWith("observer-"));
    expect(observed).toMatchObject([{ type: "observer-lost" }, { type: "observer-restored" }]);
    expect(report.observerFailures).toEqual([]);
  });

  test("a closed loop keeps as many under way as it is told", async () => {
    await using node = await startAnvil({ blockTimeSecs: 0.5 });
    const { report } = await load(node.rpc.port, {
      closedLoop: { inFlight: 4 },
      rateTps: 200,
      windowTransactions: 0,
      windowMs: 2000,
    });
    expect(ledgerImbalance(report.ledger)).toBeUndefined();
    expect(report.ledger.scheduled).toBeGreaterThan(50);
    expect(report.ledger.sent.acknowledged).toEqual({ committed: report.ledger.scheduled, notSeen: 0 });
  });

  test("a node that is killed: the ledger balances, and says what was not seen", async () => {
    await using node = await startAnvil({ blockTimeSecs: 0.5 });
    let killed: Promise<void> | undefined;
    const { report, events } = await load(node.rpc.port, { drainMs: 2000 }, (body) => {
      if (body.type === "load-second" && body.second === 1) killed ??= node.kill();
    });
    await killed;
    const { ledger } = report;
    expect(ledgerImbalance(ledger)).toBeUndefined();
    expect(ledger.scheduled).toBe(500);
    expect(ledger.sent.acknowledged.committed).toBeGreaterThan(50);
    expect([...report.rejections.keys()]).toContain("connection failed: ECONNREFUSED");
    expect(events.map(({ body }) => body)).toContainEqual(
      expect.objectContaining({ type: "observer-lost", node: "node0" }),
    );
  });
});

test("a committee of several is refused, with the reason, beside all other faults", () => {
  expect(() => ethereum.plan({ nodes: 4, options: { order: "size", blockTime: 1 } })).toThrow(
    /each has its own chain.*no option blockTime.*order/s,
  );
});
