/** A test of peers from its first to its last request, as clients see it. */
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import type { TestResults } from "../../../src/contracts/peer-tests/results.ts";
import { metricsOf } from "./sample-metrics.ts";
import { expectRefused, filesIn, serveTests } from "./served-tests.ts";

const schema = new URL("../../../schema/test-results.schema.json", import.meta.url);
const isResults = new Ajv2020().compile(JSON.parse(await readFile(schema, "utf8")));

/** Parsed, and of the published form. */
function expectResults(json: unknown): TestResults {
  expect(isResults(json), JSON.stringify(isResults.errors)).toBe(true);
  return json as TestResults;
}

test("a test is created, started, reported to and finished; its results are the file that is kept", async () => {
  await using server = await serveTests();
  expect(existsSync(server.folder)).toBe(false);
  const beforeMs = Date.now();
  const created = await server.post("/test/demo");
  expect([created.status, created.json]).toEqual([200, { id: "demo" }]);
  expect((await server.get("/test/demo")).json).toEqual({ id: "demo" });
  const started = await server.put("/test/demo/start");
  const { started: startedMs } = started.json;
  expect(started.json).toEqual({ id: "demo", started: expect.any(Number) });
  expect((await server.put("/test/demo/start")).json).toEqual({ id: "demo", started: startedMs });

  const first = await server.put("/test/demo/peer/peer-a/metrics", metricsOf(1));
  expect([first.status, first.json]).toEqual([
    200,
    { peerId: "peer-a", timestamp: expect.any(Number), metrics: metricsOf(1) },
  ]);
  const second = await server.put("/test/demo/peer/0xAb:1/metrics", metricsOf(2));
  const running = expectResults((await server.get("/test/demo?dataPoints=true")).json);
  expect(running).toEqual({ id: "demo", dataPoints: [first.json, second.json], started: startedMs });
  expect((await server.get("/test/demo?dataPoints=false")).json).toEqual({ id: "demo", started: startedMs });

  const finished = await server.put("/test/demo/finish");
  const afterMs = Date.now();
  const results = expectResults(finished.json);
  expect(Object.keys(results)).toEqual(["id", "dataPoints", "started", "finished"]);
  expect(results.dataPoints).toEqual([first.json, second.json]);
  const times = [startedMs, ...results.dataPoints.map(({ timestamp }) => timestamp), results.finished];
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[0]).toBeGreaterThanOrEqual(beforeMs);
  expect(times.at(-1)).toBeLessThanOrEqual(afterMs);
  expect(JSON.parse(await readFile(join(server.folder, "demo.json"), "utf8"))).toEqual(results);
  expect(await filesIn(server.folder)).toEqual(["demo.json"]);
  const { finished: finishedMs } = results;
  expect((await server.get("/test/demo")).json).toEqual({
    id: "demo",
    started: startedMs,
    finished: finishedMs,
  });
  expect((await server.get("/test/demo?dataPoints=true")).json).toEqual(results);
});

test("a test with a random id may start at once; two have different ids", async () => {
  await using server = await serveTests();
  const one = await server.post("/test", { started: true });
  const other = await server.post("/test", { started: false });
  expect(one.json).toEqual({ id: expect.stringMatching(/^\d+-[0-9a-f]{12}$/), started: expect.any(Number) });
  expect(other.json).toEqual({ id: expect.any(String) });
  expect(other.json.id).not.toBe(one.json.id);
  expect((await server.get(`/test/${one.json.id}`)).json).toEqual(one.json);
});

test("a test that is finished without a report has results without points", async () => {
  await using server = await serveTests();
  await server.post("/test/empty", { started: true });
  const { json } = await server.put("/test/empty/finish?dataPoints=false");
  expect(json).toEqual({ id: "empty", started: expect.any(Number), finished: expect.any(Number) });
  expect((await server.get("/test/empty?dataPoints=true")).json).toEqual({ ...json, dataPoints: [] });
});

test("results of peers, topologies and further figures are kept, the last results of each peer", async () => {
  await using server = await serveTests();
  await server.post("/test/more", { started: true });
  const extra = { busyness: 0.25, rttMs: -0.5 };
  await server.put("/test/more/peer/a/metrics", metricsOf(1, { extra }));
  expect((await server.put("/test/more/peer/a/results", { lost: 9 })).json.lost).toBe(9);
  const kept = await server.put("/test/more/peer/a/results", { lost: 1, note: "ä} \n" });
  expect(kept.json).toEqual({ lost: 1, note: "ä} \n", timestamp: expect.any(Number) });
  const other = await server.put("/test/more/peer/b/results", {});
  const topology = { a: ["b"], "\u2028": [[]] };
  expect((await server.put("/test/more/topology", topology)).json).toEqual({
    ...{ id: "more", started: expect.any(Number) },
  });
  await server.put("/test/more/topology", [1]);
  const results = expectResults((await server.put("/test/more/finish")).json);
  expect(results.dataPoints[0]?.metrics.extra).toEqual(extra);
  expect(results.results).toEqual({ a: kept.json, b: other.json });
  const timestamp = expect.any(Number);
  expect(results.topologyDataPoints).toEqual([
    { timestamp, topology },
    { timestamp, topology: [1] },
  ]);
});

test("what is not possible now is refused, and says why", async () => {
  await using server = await serveTests();
  for (const path of ["/test/none", "/test/none?dataPoints=true"]) {
    expectRefused(await server.get(path), 404, "test-not-found");
  }
  for (const path of ["start", "finish", "topology", "peer/a/metrics", "peer/a/results"]) {
    const body = path.endsWith("metrics") ? metricsOf(1) : {};
    expectRefused(await server.put(`/test/none/${path}`, body), 404, "test-not-found");
  }
  await server.post("/test/new");
  for (const path of ["finish", "topology", "peer/a/metrics", "peer/a/results"]) {
    const body = path.endsWith("metrics") ? metricsOf(1) : {};
    expectRefused(await server.put(`/test/new/${path}`, body), 400, "test-not-started");
  }
  expectRefused(await server.post("/test/new", { started: true }), 409, "test-already-exists");
  expect((await server.get("/test/new")).json).toEqual({ id: "new" });
  await server.put("/test/new/start");
  await server.put("/test/new/finish");
  for (const path of ["start", "finish", "topology", "peer/a/metrics", "peer/a/results"]) {
    const body = path.endsWith("metrics") ? metricsOf(1) : {};
    expectRefused(await server.put(`/test/new/${path}`, body), 400, "test-already-finished");
  }
  expectRefused(await server.post("/test/new"), 409, "test-already-exists");
});

test("two finishes at once are one", async () => {
  await using server = await serveTests();
  await server.post("/test/twice", { started: true });
  const answers = await Promise.all([server.put("/test/twice/finish"), server.put("/test/twice/finish")]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
});

test("results that another program wrote are read too", async () => {
  await using server = await serveTests();
  await mkdir(server.folder);
  const old = { id: "old", dataPoints: [], started: 1, results: {}, topologyDataPoints: [], finished: 2 };
  await writeFile(join(server.folder, "old.json"), JSON.stringify(old));
  expect((await server.get("/test/old")).json).toEqual({ id: "old", started: 1, finished: 2 });
  expect((await server.get("/test/old?dataPoints=true")).json).toEqual(old);
  expectRefused(await server.post("/test/old"), 409, "test-already-exists");
  await writeFile(join(server.folder, "odd.json"), "[");
  expectRefused(await server.get("/test/odd"), 500, "unreadable");
});

test("results that cannot be written can be finished again", async () => {
  await using server = await serveTests();
  await server.post("/test/stuck", { started: true });
  await server.put("/test/stuck/peer/a/metrics", metricsOf(1));
  // Where the results belong is something that no file takes the place of.
  const place = join(server.folder, "stuck.json");
  await mkdir(join(place, "inside"), { recursive: true });
  expect(expectRefused(await server.put("/test/stuck/finish"), 507, "not-stored")).toContain(place);
  expectRefused(await server.put("/test/stuck/peer/a/metrics", metricsOf(2)), 400, "test-already-finished");
  await rename(place, `${place}.away`);
  const { status, json } = await server.put("/test/stuck/finish");
  expect([status, json.dataPoints.length]).toEqual([200, 1]);
});
