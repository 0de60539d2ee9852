/** Data points go to a database too, which may be slow, away, or of another opinion: clients never wait for it. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { packetMetrics } from "../../../src/contracts/peer-tests/metrics.ts";
import { until } from "../../../src/core/async.ts";
import { parseInfluxTarget } from "../../../src/server/export/influx/target.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";
import { metricsOf } from "./sample-metrics.ts";
import { serveTests } from "./served-tests.ts";

/** @param answer the status of a write; a promise holds it up */
async function open(answer: () => number | Promise<number>) {
  const lines: string[] = [];
  const paths = new Set<string | undefined>();
  const database = createServer(async (request, response) => {
    const body = await text(request);
    const status = await answer();
    paths.add(request.url);
    if (status === 204) lines.push(...body.split("\n"));
    response.writeHead(status).end(status === 204 ? "" : "no");
  });
  database.listen(0, "127.0.0.1");
  await once(database, "listening");
  const url = `http://127.0.0.1:${(database.address() as AddressInfo).port}/?db=comms`;
  const parsed = parseInfluxTarget(url, "me:hunter2");
  if ("problem" in parsed) throw new Error(parsed.problem);
  const folder = await openTemporaryFolder();
  const server = await serveTests({ peerTests: { folder: folder.path, influx: parsed.target } });
  await server.post("/test/t", { started: true });
  const relay = async () => (await server.get("/status")).json.relay;
  return {
    ...{ ...server, url, lines, paths, relay },
    /** Waits until the server's own account of the relay is so. */
    relayed: (wanted: object) =>
      until(
        async () => {
          const found = await relay();
          return Object.entries(wanted).every(([key, value]) => found[key] === value) ? found : undefined;
        },
        { timeoutMs: 20_000, everyMs: 20, describe: () => `not ${JSON.stringify(wanted)}` },
      ),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      database.closeAllConnections();
      database.close();
      await once(database, "close");
      await folder[Symbol.asyncDispose]();
    },
  };
}

test("each point is written once, told apart by tags and time, and counted", async () => {
  await using server = await open(() => 204);
  const extra = { busyness: 0.5, sent: 7 };
  const reports = [..."abababab"].map((peer, index) =>
    server.put(`/test/t/peer/${peer}/metrics`, metricsOf(index, { extra })),
  );
  const answers = await Promise.all(reports);
  const status = await server.relayed({ pointsWritten: 8, pointsWaiting: 0 });
  expect(status).toEqual({ url: server.url, pointsWritten: 8, pointsWaiting: 0, pointsDropped: 0 });
  expect([...server.paths]).toEqual(["/write?db=comms&precision=ms"]);
  const [line = ""] = server.lines;
  const [series, fields = "", atMs] = line.split(" ");
  expect(series).toMatch(/^baleen_peer,test=t,peer=[ab]$/);
  const names = fields.split(",").map((field) => field.split("=")[0]);
  expect(names).toEqual([
    ...[...packetMetrics, "connectedPeersCount", "knownPeersCount", "x", "y", "z"],
    ...["extra_busyness", "extra_sent"],
  ]);
  expect(Number(atMs)).toBeGreaterThanOrEqual(Math.min(...answers.map(({ json }) => json.timestamp)));
  // Several came within one millisecond, and none takes the place of another.
  const places = server.lines.map((one) => `${one.split(" ")[0]} ${one.split(" ")[2]}`);
  expect(new Set(places).size).toBe(8);
  expect(JSON.stringify((await server.get("/status")).json)).not.toContain("hunter2");
});

test("clients do not wait for a database that is silent, and it gets everything when it answers", async () => {
  const { promise: isBack, resolve: comeBack } = Promise.withResolvers<number>();
  let asked = 0;
  await using server = await open(() => {
    asked++;
    return isBack;
  });
  const report = (sent: number) => server.put("/test/t/peer/a/metrics", metricsOf(sent));
  for (let sent = 0; sent < 20; sent++) expect((await report(sent)).status).toBe(200);
  await until(() => (asked > 0 ? true : undefined), {
    ...{ timeoutMs: 10_000, everyMs: 10, describe: () => "nothing was written" },
  });
  // While a write is held up.
  expect((await report(20)).status).toBe(200);
  expect(await server.relay()).toMatchObject({ pointsWritten: 0, pointsWaiting: 21 });
  expect((await server.get("/test/t?dataPoints=true")).json.dataPoints).toHaveLength(21);
  comeBack(204);
  await server.relayed({ pointsWritten: 21, pointsDropped: 0, pointsWaiting: 0 });
});

test("points that the database refuses are counted, and the reason is shown", async () => {
  await using server = await open(() => 400);
  await server.put("/test/t/peer/a/metrics", metricsOf(1));
  const status = await server.relayed({ pointsDropped: 1 });
  expect(status).toMatchObject({ pointsWritten: 0, trouble: "HTTP status 400: no" });
  expect((await server.put("/test/t/finish")).json.dataPoints).toHaveLength(1);
});

test("without a database, the status says no more than that the server answers", async () => {
  await using server = await serveTests();
  expect((await server.get("/status")).json).toEqual({ status: "ok" });
});
