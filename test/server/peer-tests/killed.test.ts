/** What was acknowledged survives the server's death at any moment, and the next server goes on with the test. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";
import { startProcess } from "./killed-server.ts";
import { metricsOf } from "./sample-metrics.ts";
import { ask, expectRefused, filesIn, serveTests } from "./served-tests.ts";

test("a server that is killed in mid-test loses nothing that it acknowledged; the next one goes on", async () => {
  await using folder = await openTemporaryFolder();
  /** By peer: the points that it knows to be kept. */
  const acknowledged = new Map<string, unknown[]>();
  let before = 0;
  const total = () => [...acknowledged.values()].reduce((sum, { length }) => sum + length, 0);
  for (let life = 0; life < 2; life++) {
    await using server = await startProcess(folder.path);
    if (life === 0) await ask(`${server.url}/test/long`, "POST", { started: true });
    const report = async (peer: string) => {
      const kept = acknowledged.get(peer) ?? [];
      acknowledged.set(peer, kept);
      for (;;) {
        const url = `${server.url}/test/long/peer/${peer}/metrics`;
        const answer = await ask(url, "PUT", metricsOf(kept.length)).catch(() => undefined);
        if (answer === undefined) return;
        expect(answer.status).toBe(200);
        kept.push(answer.json);
      }
    };
    const reporting = Array.from({ length: 4 }, (_, number) => report(`peer-${number}`));
    const wanted = before + 100;
    await until(() => (total() >= wanted ? true : undefined), {
      ...{ timeoutMs: 30_000, everyMs: 1, describe: () => `${total()} points` },
    });
    await server.kill();
    await Promise.all(reporting);
    before = total();
  }
  await using server = await startProcess(folder.path);
  const { json } = await ask(`${server.url}/test/long/finish`, "PUT");
  const points = json.dataPoints as { peerId: string; metrics: { sent: number } }[];
  for (const [peer, kept] of acknowledged) {
    const found = points.filter(({ peerId }) => peerId === peer);
    // A last one before each kill may be kept without its sender knowing.
    expect(found.length - kept.length).toBeLessThanOrEqual(2);
    for (const point of kept) expect(found).toContainEqual(point);
  }
  expect(before).toBeGreaterThanOrEqual(200);
});

/** A folder in which a server was killed, by the files that it left. */
async function serveLeft(files: Readonly<Record<string, string>>) {
  const folder = await openTemporaryFolder();
  const tests = join(folder.path, "tests");
  await mkdir(tests);
  for (const [name, content] of Object.entries(files)) await writeFile(join(tests, name), content);
  const server = await serveTests({ peerTests: { folder: tests } });
  return {
    ...server,
    tests,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const point = (sent: number) =>
  `{"point":{"peerId":"a","timestamp":${sent},"metrics":${JSON.stringify(metricsOf(sent))}}}\n`;
const log = `{"created":1}\n{"started":1}\n${point(2)}`;
const results = `{"id":"t","dataPoints":[],"started":1,"finished":5}\n`;

test("half a line at the end is cut off, at every byte of it", async () => {
  await using folder = await openTemporaryFolder();
  const whole = join(folder.path, "whole");
  await using server = await serveTests({ peerTests: { folder: whole } });
  await server.post("/test/t", { started: true });
  await server.put("/test/t/peer/a/metrics", metricsOf(1));
  const kept = await readFile(join(whole, "t.ndjson"));
  const torn = Buffer.from(point(2));
  const cuts = [1, 2, 9, 10, 40, torn.length - 3, torn.length - 2, torn.length - 1];
  for (const cut of cuts) {
    const tests = join(folder.path, `cut-${cut}`);
    await mkdir(tests);
    await writeFile(join(tests, "t.ndjson"), Buffer.concat([kept, torn.subarray(0, cut)]));
    await using next = await serveTests({ peerTests: { folder: tests } });
    await next.put("/test/t/peer/a/metrics", metricsOf(3));
    const { dataPoints } = (await next.put("/test/t/finish")).json;
    expect(
      dataPoints.map(({ metrics }: { metrics: { sent: number } }) => metrics.sent),
      `${cut}`,
    ).toEqual([1, 3]);
  }
});

test("results that a killed server was writing are written by the next one, and its half file is removed", async () => {
  await using server = await serveLeft({
    "t.ndjson": `${log}{"finished":5}\n`,
    ".t.json.0123456789ab.tmp": '{"id":"t","dataP',
  });
  await until(
    async () => {
      const names = await filesIn(server.tests);
      return names.length === 1 && names[0] === "t.json" ? true : undefined;
    },
    { timeoutMs: 10_000, everyMs: 10, describe: () => "the results were not written" },
  );
  const { json } = await server.get("/test/t?dataPoints=true");
  expect(json).toMatchObject({ id: "t", started: 1, finished: 5, dataPoints: [{ timestamp: 2 }] });
  expectRefused(await server.put("/test/t/finish"), 400, "test-already-finished");
});

test("a log that was killed between writing results and removing it is removed", async () => {
  await using server = await serveLeft({ "t.ndjson": `${log}{"finished":5}\n`, "t.json": results });
  expect((await server.get("/test/t?dataPoints=true")).json).toEqual(JSON.parse(results));
  expect(await filesIn(server.tests)).toEqual(["t.json"]);
});

test("a log that has not finished is kept beside results that came from elsewhere", async () => {
  await using server = await serveLeft({ "t.ndjson": log, "t.json": results });
  expect((await server.get("/test/t?dataPoints=true")).json).toEqual(JSON.parse(results));
  expectRefused(await server.put("/test/t/peer/a/metrics", metricsOf(1)), 400, "test-already-finished");
  expect(await filesIn(server.tests)).toEqual(["t.json", "t.ndjson"]);
});

test("a test that was not started before the kill can be started after it", async () => {
  await using server = await serveLeft({ "t.ndjson": '{"created":1}\n' });
  expect((await server.get("/test/t")).json).toEqual({ id: "t" });
  expectRefused(await server.put("/test/t/peer/a/metrics", metricsOf(1)), 400, "test-not-started");
  await server.put("/test/t/start");
  expect((await server.put("/test/t/peer/a/metrics", metricsOf(1))).status).toBe(200);
});

test("a file that is no log is not touched, and named", async () => {
  const foreign = "some text\nof a person\n";
  await using server = await serveLeft({ "t.ndjson": foreign });
  const refusal = expectRefused(await server.get("/test/t"), 500, "unreadable");
  expect(refusal).toContain(join(server.tests, "t.ndjson"));
  expectRefused(await server.put("/test/t/start"), 500, "unreadable");
  expect(await readFile(join(server.tests, "t.ndjson"), "utf8")).toBe(foreign);
});

test("a second server of a folder takes no reports, and names the first; it serves results, and takes over", async () => {
  await using folder = await openTemporaryFolder();
  const tests = join(folder.path, "tests");
  await using first = await startProcess(folder.path);
  await ask(`${first.url}/test/done`, "POST", { started: true });
  const done = (await ask(`${first.url}/test/done/finish`, "PUT")).json;
  await ask(`${first.url}/test/t`, "POST", { started: true });
  await using second = await serveTests({ peerTests: { folder: tests } });
  for (const answer of [
    await second.get("/test/t"),
    await second.put("/test/t/peer/a/metrics", metricsOf(1)),
    await second.post("/test/other"),
  ]) {
    expect(expectRefused(answer, 503, "in-use")).toContain(`process ${first.pid}`);
  }
  expect((await second.get("/test/done?dataPoints=true")).json).toEqual(done);
  expectRefused(await second.get("/test/none"), 404, "test-not-found");
  await first.kill();
  expect((await second.put("/test/t/peer/a/metrics", metricsOf(1))).status).toBe(200);
  expect((await second.put("/test/t/finish")).json.dataPoints).toHaveLength(1);
});
