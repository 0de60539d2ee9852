import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { checkInflux } from "../../../src/server/export/influx/client.ts";
import type { RelayLimits } from "../../../src/server/export/influx/point-relay.ts";
import { InfluxRelay } from "../../../src/server/export/influx/relay.ts";
import { parseInfluxTarget } from "../../../src/server/export/influx/target.ts";
import { eventsOf, secondOf, wholeRun } from "./events.ts";

type Answer = readonly [status: number, body?: string] | "silence";

/** A database that answers as it is told, and remembers what it took. */
async function openDatabase(answer: () => Answer) {
  const taken: string[] = [];
  const server: Server = createServer(async (request, response) => {
    const body = await text(request);
    const now = answer();
    if (now === "silence") return;
    const [status, said = ""] = now;
    if (status === 204 && body !== "") taken.push(...body.split("\n"));
    response.writeHead(status).end(said);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?db=b`;
  const parsed = parseInfluxTarget(url, "me:hunter2");
  if ("problem" in parsed) throw new Error(parsed.problem);
  return {
    taken,
    url,
    target: parsed.target,
    relay: (limits?: RelayLimits) => new InfluxRelay(parsed.target, limits),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const events = eventsOf(wholeRun);
const wholePoints = 12;
/** Each one point. */
const seconds = (count: number) =>
  eventsOf([...wholeRun.slice(0, 2), ...Array.from({ length: count }, (_, second) => secondOf(second))]);

test("all points are written, and counted", async () => {
  await using database = await openDatabase(() => [204]);
  const relay = database.relay();
  for (const event of events) relay.observe(event);
  const report = await relay.finish();
  expect(report).toEqual({
    url: database.url,
    pointsWritten: wholePoints,
    pointsDropped: 0,
    trouble: undefined,
  });
  expect(database.taken).toHaveLength(wholePoints);
});

test("what failed is written again once the database is back", async () => {
  let asked = 0;
  let isAway = true;
  await using database = await openDatabase(() => {
    asked++;
    return isAway ? [503, "starting"] : [204];
  });
  const relay = database.relay();
  for (const event of events) relay.observe(event);
  await until(() => (asked > 0 ? true : undefined), {
    ...{ timeoutMs: 10_000, everyMs: 10, describe: () => "nothing was written" },
  });
  isAway = false;
  const report = await relay.finish();
  expect(report).toMatchObject({ pointsWritten: wholePoints, pointsDropped: 0 });
  expect(report.trouble).toBe("HTTP status 503: starting");
});

test("what is refused is dropped, counted, and not tried again", async () => {
  await using database = await openDatabase(() => [400, "partial write: field type conflict dropped=2"]);
  const relay = database.relay();
  for (const event of events) relay.observe(event);
  const report = await relay.finish();
  expect(report).toMatchObject({ pointsWritten: wholePoints - 2, pointsDropped: 2 });
  expect(report.trouble).toMatch(/^HTTP status 400: partial write/);
});

test("more than may wait is dropped, the oldest of it", async () => {
  await using database = await openDatabase(() => [204]);
  const relay = database.relay({ mostWaiting: 10 });
  const all = seconds(25);
  for (const event of all) relay.observe(event);
  const report = await relay.finish();
  expect(report).toMatchObject({ pointsWritten: 10, pointsDropped: 15, trouble: expect.any(String) });
  const times = database.taken.map((line) => Number(line.split(" ").at(-1)));
  expect(times).toEqual(all.slice(-10).map(({ t }) => Date.parse(t)));
});

test("a database that is silent or gone holds up the end for a bounded time, and all is counted", async () => {
  for (const isGone of [false, true]) {
    const database = await openDatabase(() => "silence");
    if (isGone) await database[Symbol.asyncDispose]();
    const relay = database.relay({ flushMs: 300 });
    for (const event of events) relay.observe(event);
    const startedMs = performance.now();
    const report = await relay.finish();
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(report).toMatchObject({ pointsWritten: 0, pointsDropped: wholePoints });
    if (!isGone) await database[Symbol.asyncDispose]();
  }
});

test.each([
  [[204], []],
  [[400, '{"code":"invalid","message":"writing requires points"}'], []],
  [[401, "unauthorized"], [/401.*BALEEN_INFLUX_TOKEN.*user:password/]],
  [[404, 'database not found: "b"'], [/database not found.*Create the database or bucket/]],
  [[500, "boom"], [/500: boom.*Start the database/]],
] as const)("the check says of an answer %j what to do", async (answer, reasons) => {
  await using database = await openDatabase(() => answer);
  const found = await checkInflux(database.target, AbortSignal.timeout(5_000));
  expect(found).toEqual(
    reasons.map((reason) => ({ code: "influx", message: expect.stringMatching(reason) })),
  );
  expect(JSON.stringify(found)).not.toContain("hunter2");
});
