/** Load profiles as the node sees them. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { LoadProfile } from "../../src/contracts/load/load-profile.ts";
import { buildRates } from "../../src/load/timeline/profile.ts";
import { highestTps, transactionsIn, transactionsUpTo } from "../../src/load/timeline/rates.ts";
import { planFor, run, timed } from "./setting.ts";

/** A node that takes every transaction and notes when each one came. */
async function openRecorder() {
  const arrivalsMs: number[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      arrivalsMs.push(performance.now());
      const { id } = JSON.parse(body) as { readonly id: unknown };
      response.end(JSON.stringify({ jsonrpc: "2.0", id, result: { code: 0, data: "", log: "", hash: "" } }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    arrivalsMs,
    rpc: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const windowMs = 2_000;

test.each<[string, LoadProfile]>([
  ["a ramp", { kind: "ramp", from: 0.2, to: 1.8 }],
  ["bursts", { kind: "bursts", base: 0.5, burst: 3, burstSecs: 0.2, periodSecs: 1 }],
  ["a sine", { kind: "sine", from: 0.2, to: 1.8, periodSecs: 1 }],
])("%s: after every tenth of a second as many came as the profile has offered", timed, async (_, profile) => {
  await using node = await openRecorder();
  const rates = buildRates(profile, { loadTps: 150, windowMs }) ?? [];
  const windowTransactions = Math.round(transactionsIn(rates));
  const targets = [{ node: "node0", rpc: node.rpc }];
  const load = { rates, rateTps: highestTps(rates), windowMs, windowTransactions };
  const { report } = await run(planFor(targets, { ...load, warmUpMs: 0, lateAfterMs: 50 }), {
    unobserved: true,
  });
  expect(report.ledger.scheduled).toBe(windowTransactions);
  expect(node.arrivalsMs).toHaveLength(windowTransactions);
  const [startMs = 0] = node.arrivalsMs;
  const offeredBy = (ms: number) =>
    rates.reduce(
      (sum, piece) => sum + transactionsUpTo(piece, Math.max(0, Math.min(ms, piece.toMs) - piece.fromMs)),
      0,
    );
  for (let atMs = 100; atMs <= windowMs; atMs += 100) {
    const came = node.arrivalsMs.filter((ms) => ms - startMs < atMs).length;
    // By how much a busy machine may keep the first one, or the last ones, waiting.
    expect(came).toBeGreaterThanOrEqual(offeredBy(atMs - 75) - 2);
    expect(came).toBeLessThanOrEqual(offeredBy(atMs + 75) + 2);
  }
});
