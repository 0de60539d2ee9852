/** What each peer of a test said last, while the test goes on. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";
import { startProcess } from "./killed-server.ts";
import { metricsOf } from "./sample-metrics.ts";
import { ask, expectRefused, serveTests } from "./served-tests.ts";

const extra = {
  ...{ elapsedMs: 4000, tickRatePerSec: 59.9, timerLatenessMaxMs: 2.5, deliveredMessages: 7 },
  ...{ longTasks: 1, webrtcRoundTripMs: 0.5 },
};
const totals = Object.fromEntries(
  ["sent", "received", "relayed", "all", "relevant", "duplicate", "expired"].map((family, place) => [
    `${family}Total`,
    10 * place,
  ]),
);

test("the last data point of each peer, in short, in the order of their ids", async () => {
  await using server = await serveTests();
  await server.post("/test/t");
  const peers = async () => (await server.get("/test/t/peers")).json;
  expect(await peers()).toEqual([]);
  await server.put("/test/t/start");
  await server.put("/test/t/peer/b/metrics", metricsOf(1));
  await server.put("/test/t/peer/a/metrics", metricsOf(1, { extra, connectedPeers: [] }));
  const bytes = { sentTotalBytes: 1234, receivedTotalBytes: 0.5 };
  const { json: last } = await server.put(
    "/test/t/peer/b/metrics",
    metricsOf(2, { ...totals, ...bytes, extra: { busyness: 1 } }),
  );
  // One that only reports results has said nothing of this.
  await server.put("/test/t/peer/c/results", {});
  const [first, second, ...others] = await peers();
  expect(others).toEqual([]);
  const { elapsedMs, tickRatePerSec, timerLatenessMaxMs, deliveredMessages } = extra;
  expect(first).toMatchObject({
    ...{ peerId: "a", points: 1, connectedPeersCount: 0 },
    extra: { elapsedMs, tickRatePerSec, timerLatenessMaxMs, deliveredMessages },
  });
  expect(Object.keys(first.extra)).toHaveLength(4);
  expect(second).toEqual({
    ...{ peerId: "b", timestamp: last.timestamp, points: 2, connectedPeersCount: 2 },
    ...totals,
    ...bytes,
  });
});

test("the next server has it from the log", async () => {
  await using folder = await openTemporaryFolder();
  await using server = await startProcess(folder.path);
  await ask(`${server.url}/test/t`, "POST", { started: true });
  for (const [peer, sent] of [
    ["a", 1],
    ["b", 2],
    ["a", 3],
  ] as const) {
    const metrics = metricsOf(sent, { sentTotal: sent, extra: { deliveredMessages: sent } });
    await ask(`${server.url}/test/t/peer/${peer}/metrics`, "PUT", metrics);
  }
  const { json: before } = await ask(`${server.url}/test/t/peers`, "GET");
  expect(before).toMatchObject([
    { peerId: "a", points: 2, sentTotal: 3, extra: { deliveredMessages: 3 } },
    { peerId: "b", points: 1, sentTotal: 2, extra: { deliveredMessages: 2 } },
  ]);
  await server.kill();
  await using next = await serveTests({ peerTests: { folder: join(folder.path, "tests") } });
  expect((await next.get("/test/t/peers")).json).toEqual(before);
  await next.put("/test/t/peer/b/metrics", metricsOf(4));
  expect((await next.get("/test/t/peers")).json).toMatchObject([{ points: 2 }, { points: 2 }]);
});

test("a thousand peers are told while they report", async () => {
  await using server = await serveTests();
  await server.post("/test/t", { started: true });
  const ids = Array.from({ length: 1000 }, (_, peer) => `p${String(peer).padStart(3, "0")}`);
  const reporting = Promise.all(
    ids.map((id) =>
      server.put(`/test/t/peer/${id}/metrics`, metricsOf(1, { sentTotal: Number(id.slice(1)) })),
    ),
  );
  const asked = async () => {
    const { status, json } = await server.get("/test/t/peers");
    expect(status).toBe(200);
    for (const { peerId, sentTotal } of json) expect(sentTotal).toBe(Number(peerId.slice(1)));
    return json.length === ids.length ? json : undefined;
  };
  const all = await until(asked, { timeoutMs: 30_000, everyMs: 20, describe: () => "not all peers" });
  expect(all.map(({ peerId }: { peerId: string }) => peerId)).toEqual(ids);
  await reporting;
});

test("of a test that has finished, or that is none, nothing is told", async () => {
  await using server = await serveTests();
  expectRefused(await server.get("/test/none/peers"), 404, "test-not-found");
  expectRefused(await server.get("/test/.t/peers"), 400, "invalid-test-id");
  await server.post("/test/t", { started: true });
  await server.put("/test/t/finish?dataPoints=false");
  const said = expectRefused(await server.get("/test/t/peers"), 400, "test-already-finished");
  expect(said).toContain("GET /test/t?dataPoints=true");
});
