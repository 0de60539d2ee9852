/** Bodies, ids and numbers that are not taken: each refusal says where, why, and which bound is in the way. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { basename, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { packetMetrics } from "../../../src/contracts/peer-tests/metrics.ts";
import { expectedPeerId } from "../../../src/contracts/peer-tests/names.ts";
import { metricsOf } from "./sample-metrics.ts";
import { expectRefused, filesIn, serveTests } from "./served-tests.ts";

async function started() {
  const server = await serveTests();
  await server.post("/test/t", { started: true });
  return { ...server, report: (body: unknown) => server.put("/test/t/peer/a/metrics", body) };
}

const places = ({ json }: { json: { faults?: { place: string; message: string }[] } }) =>
  json.faults?.map(({ place, message }) => `${place} ${message}`);

test("every place of a report that is not of its form is named, all at once", async () => {
  await using server = await started();
  const { sentBytes: _, ...others } = metricsOf(1);
  const answer = await server.report({
    ...others,
    received: "7",
    relayedTotal: -1,
    expiredPerSecond: null,
    connectedPeers: ["a", "", 7],
    position: [1, "2"],
    busyness: 1,
    extra: { cpu: "high", "not a name": 1 },
  });
  expect(expectRefused(answer, 400, "invalid-body")).toMatch(/^The body is not of its form: .*faults/);
  expect(places(answer)?.toSorted()).toEqual(
    [
      "sentBytes is missing",
      "received is not a number",
      "relayedTotal is not a number from 0",
      "expiredPerSecond is not a number",
      `connectedPeers[1] is not ${expectedPeerId}`,
      `connectedPeers[2] is not ${expectedPeerId}`,
      "position is not a list of 3",
      "position[1] is not a number",
      "busyness is not a known key",
      "extra.cpu is not a number",
      "extra.not a name is not a name of 1 to 64 letters and digits, with a letter first",
    ].toSorted(),
  );
  expect((await server.get("/test/t?dataPoints=true")).json.dataPoints).toEqual([]);
});

test("each of the 52 figures is needed", async () => {
  await using server = await started();
  const answer = await server.report({});
  const all = [...packetMetrics, "connectedPeers", "knownPeersCount", "position"];
  expect(all).toHaveLength(52);
  expect(places(answer)?.toSorted()).toEqual(all.map((name) => `${name} is missing`).toSorted());
});

test("the example of a report is taken as it is", async () => {
  await using server = await started();
  const example = new URL("../../../examples/browsers/metrics.json", import.meta.url);
  const metrics = JSON.parse(await readFile(example, "utf8"));
  expect((await server.report(metrics)).json.metrics).toEqual(metrics);
});

test.each([
  ["nothing", "", /not JSON/],
  ["half a document", '{"sent":1', /not JSON/],
  ["a list", "[]", /it is not a JSON object/],
  ["a number without an end", '{"sent":1e999}', /sent is not a number/],
  ["bytes of no text", "\u0000", /not JSON/],
])("a report that is %s is refused", async (_, body, reason) => {
  await using server = await started();
  expect(expectRefused(await server.report(body), 400, "invalid-body")).toMatch(reason);
});

test.each([
  ["/test", "[]"],
  ["/test", '{"started":"yes"}'],
  ["/test/x", '{"started":true,"begin":1}'],
  ["/test/x", "{"],
])("no test is made by POST %s of %s", async (path, body) => {
  await using server = await serveTests();
  expectRefused(await server.post(path, body), 400, "invalid-body");
  expect(existsSync(server.folder)).toBe(false);
});

test("results are an object, and a topology is an object or a list", async () => {
  await using server = await started();
  expectRefused(await server.put("/test/t/peer/a/results", "[]"), 400, "invalid-body");
  expectRefused(await server.put("/test/t/topology", "7"), 400, "invalid-body");
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  expect(expectRefused(await server.put("/test/t/topology", deep), 400, "invalid-body")).toMatch(/too deep/);
});

test("too many extra figures and connections are refused with their bounds", async () => {
  await using server = await started();
  const extra = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`n${index}`, 1]));
  const connectedPeers = Array.from({ length: 1_001 }, (_, index) => `p${index}`);
  const answer = await server.report(metricsOf(1, { extra, connectedPeers }));
  expect(places(answer)).toEqual([
    "connectedPeers is not a list of at most 1000",
    "extra is not a JSON object of at most 64 keys",
  ]);
});

test.each([".hidden", "a/b", "a\\b", "a\0", "-", "ä", "a".repeat(101), "a".repeat(5_000)])(
  "the test id %j is refused everywhere",
  async (id) => {
    await using server = await started();
    const path = `/test/${encodeURIComponent(id)}`;
    const answers = [
      ...[await server.post(path), await server.get(path), await server.get(`${path}?dataPoints=true`)],
      ...[await server.put(`${path}/start`), await server.put(`${path}/finish`)],
      ...[await server.put(`${path}/topology`, {}), await server.put(`${path}/peer/a/metrics`, metricsOf(1))],
    ];
    for (const answer of answers) {
      expect(expectRefused(answer, 400, "invalid-test-id")).toContain("1 to 100");
    }
    expect(await filesIn(server.folder)).toEqual(["t.ndjson"]);
  },
);

test.each(["/test/..", "/test/%2e%2e", "/test/..%2fx", "/test/%2e%2e%2f%2e%2e%2fx"])(
  "POST %s makes no file anywhere",
  async (path) => {
    await using server = await started();
    const { port } = new URL(server.origin);
    // As it is, which fetch would not send.
    const asked = request({ port, path, method: "POST" }).end();
    const [reply] = (await once(asked, "response")) as [IncomingMessage];
    expect(reply.statusCode).toBe(400);
    expect(JSON.parse(await text(reply)).status).toBe("invalid-test-id");
    expect(await filesIn(server.folder)).toEqual(["t.ndjson"]);
    expect(await readdir(dirname(server.folder))).toEqual([basename(server.folder)]);
  },
);

test.each(["__proto__", ".a", "a b", "a/b", "a".repeat(101)])("the peer id %j is refused", async (id) => {
  await using server = await started();
  const path = `/test/t/peer/${encodeURIComponent(id)}`;
  expectRefused(await server.put(`${path}/metrics`, metricsOf(1)), 400, "invalid-peer-id");
  expectRefused(await server.put(`${path}/results`, {}), 400, "invalid-peer-id");
});

test("a body that is too large is refused with its bound, before and after it is written out", async () => {
  await using server = await started();
  const large = JSON.stringify({ text: "x".repeat(256 * 1024) });
  for (const path of ["peer/a/metrics", "peer/a/results", "topology"]) {
    const answer = await server.put(`/test/t/${path}`, large);
    expect(expectRefused(answer, 413, "body-too-large")).toContain("262144 bytes");
  }
  const grows = `[${Array.from({ length: 40_000 }, () => "1e20").join(",")}]`;
  const written = await server.put("/test/t/topology", grows);
  expect(expectRefused(written, 413, "body-too-large")).toContain("524288 bytes");
  const created = await server.post("/test/other", JSON.stringify({ text: "x".repeat(5_000) }));
  expect(expectRefused(created, 413, "body-too-large")).toContain("4096 bytes");
});

test("dataPoints is true or false", async () => {
  await using server = await started();
  expectRefused(await server.get("/test/t?dataPoints=yes"), 400, "invalid-query");
  expectRefused(await server.put("/test/t/finish?dataPoints=1"), 400, "invalid-query");
  expect((await server.get("/test/t")).json.finished).toBeUndefined();
});

test("there are at most 100 unfinished tests, and the bound is named", async () => {
  await using server = await started();
  for (let number = 1; number < 100; number++) {
    await writeFile(join(server.folder, `other-${number}.ndjson`), '{"created":1}\n');
  }
  const answer = await server.post("/test/one-more");
  expect(expectRefused(answer, 507, "limit-reached")).toContain("at most 100 unfinished tests");
  await server.put("/test/t/finish");
  expect((await server.post("/test/one-more")).status).toBe(200);
});

test("a path that no operation has, and a method that a path has not, are not found", async () => {
  await using server = await started();
  expect((await server.get("/test/t/start")).status).toBe(404);
  expect((await server.put("/test/t")).status).toBe(404);
  expect((await server.put("/test/t/peer//metrics", metricsOf(1))).status).toBeGreaterThanOrEqual(400);
});
