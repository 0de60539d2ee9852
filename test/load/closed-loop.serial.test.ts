/** Closed loops: as many under way as were asked for, whatever the node does. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { summarizeLatency } from "../../src/metrics/stats/latency-record.ts";
import { acknowledgedTotal, ledgerImbalance } from "../../src/metrics/stats/ledger.ts";
import { planFor, run, timed } from "./setting.ts";

/** A node that answers each after a while, and notes how many waited at once. */
async function openSlowNode(replyMs: number) {
  const seen = { most: 0, all: 0 };
  let underWay = 0;
  const server = createServer((request, response) => {
    underWay++;
    seen.all++;
    seen.most = Math.max(seen.most, underWay);
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", async () => {
      await sleep(replyMs);
      underWay--;
      const { id } = JSON.parse(body) as { readonly id: unknown };
      response.end(JSON.stringify({ jsonrpc: "2.0", id, result: { code: 0, data: "", log: "", hash: "" } }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    seen,
    rpc: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const closed = { closedLoop: { inFlight: 8 }, windowTransactions: 0, rateTps: 800 } as const;

test("eight in flight at a node that takes 20 ms are never more, and hardly ever fewer", timed, async () => {
  await using node = await openSlowNode(20);
  const targets = [{ node: "node0", rpc: node.rpc }];
  const { report } = await run(planFor(targets, { ...closed, windowMs: 1000 }), { unobserved: true });
  const { ledger } = report;
  expect(ledgerImbalance(ledger)).toBeUndefined();
  expect(node.seen.most).toBe(8);
  // By Little's law: 8 in flight, each for as long as its reply took, are so many a second.
  const { response } = report.latency;
  const meanMs = (response && summarizeLatency(response).meanMs) ?? 0;
  expect(meanMs).toBeGreaterThanOrEqual(20);
  expect(ledger.scheduled).toBeGreaterThan((0.8 * 8 * 1000) / meanMs);
  expect(ledger.scheduled).toBeLessThanOrEqual((1.1 * 8 * 1000) / meanMs + 8);
  expect(acknowledgedTotal(ledger)).toBe(ledger.scheduled);
  // Those of the warm-up are extra.
  expect(node.seen.all).toBeGreaterThan(ledger.scheduled);
  expect(summarizeLatency(report.lateness)).toMatchObject({ count: ledger.scheduled, maxMs: 0 });
});

test("clients share what is in flight", timed, async () => {
  await using node = await openSlowNode(20);
  const targets = [{ node: "node0", rpc: node.rpc }];
  const reports = await Promise.all(
    [0, 1, 2].map((index) =>
      run(planFor(targets, { ...closed, client: index, share: { index, of: 3 }, warmUpMs: 100 }), {
        unobserved: true,
      }),
    ),
  );
  expect(node.seen.most).toBe(8);
  const scheduled = reports.map(({ report }) => report.ledger.scheduled);
  const [first = 0, second = 0, third = 0] = scheduled;
  // Three, three and two of the eight.
  expect(first / third).toBeGreaterThan(1.2);
  expect(second / third).toBeGreaterThan(1.2);
});

test("a node that refuses ends each at once, and the run all the same", timed, async () => {
  const node = await openSlowNode(0);
  await node[Symbol.asyncDispose]();
  const targets = [{ node: "node0", rpc: node.rpc }];
  const { report } = await run(planFor(targets, { ...closed, warmUpMs: 0, windowMs: 300 }), {
    unobserved: true,
  });
  const { ledger } = report;
  expect(ledgerImbalance(ledger)).toBeUndefined();
  expect(ledger.sent.connectionFailed.notSeen).toBe(ledger.scheduled);
  expect(ledger.scheduled).toBeGreaterThan(8);
});
