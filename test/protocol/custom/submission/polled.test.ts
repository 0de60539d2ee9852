import { describe, expect, test } from "vitest";
import { polledBlocks, polledLog } from "./described.ts";
import { startLogService } from "./log-service.ts";
import { becomes, textOf, watch } from "./watching.ts";

describe("a node that is asked for its commits", () => {
  test("tells each position once and in order, from the one after that which was current", async () => {
    const service = await startLogService();
    service.commit(textOf(1));
    const seen = await watch(polledLog, service.port);
    service.commit(textOf(2), textOf(3));
    service.commitAt(7, "somebody else's");
    service.commit(textOf(4));
    await becomes(() => seen.heights.length === 3, "three positions");
    expect(seen.heights).toEqual([2, 7, 8]);
    expect(seen.sequences).toEqual([2, 3, 4]);
    expect(seen.observer.height()).toBe(8);
    expect(seen.missed).toEqual([]);
    expect(seen.polling).toEqual([5]);
    await seen.observer[Symbol.asyncDispose]();
    expect(service.mostAtOnce).toBe(1);
  });

  test("shows the same fingerprint as another one with the same transactions, and no other", async () => {
    const [first, second, third] = [
      await startLogService(),
      await startLogService(),
      await startLogService(),
    ];
    const nodes = [first, second, third];
    const seen = await Promise.all(nodes.map(({ port }) => watch(polledLog, port)));
    for (const node of nodes) node.commit(textOf(1), textOf(2));
    first.commit(textOf(3), textOf(4));
    second.commit(textOf(3), textOf(4));
    third.commit(textOf(4), textOf(3));
    await becomes(() => seen.every(({ heights }) => heights.length === 2), "two positions of each");
    const [a = [], b = [], c = []] = seen.map(({ fingerprints }) => fingerprints);
    expect(a).toEqual(b);
    expect(c[0]).toBe(a[0]);
    expect(c[1]).not.toBe(a[1]);
  });

  test("finds transactions within longer keys, in text, base64 and hex", async () => {
    for (const encoding of ["text", "base64", "hex"] as const) {
      const service = await startLogService();
      const seen = await watch({ ...polledLog, encoding }, service.port);
      const bytes = Buffer.from(`folder/${textOf(5)}`);
      service.commit(encoding === "text" ? bytes.toString() : bytes.toString(encoding));
      await becomes(() => seen.heights.length === 1, "a position");
      expect(seen.sequences).toEqual([5]);
    }
  });

  test("asked for one position at a time, it is asked on at once until there is none", async () => {
    const service = await startLogService();
    // One for each period would take twenty seconds.
    const quick = await watch({ ...polledBlocks, "every-ms": 500 }, service.port);
    for (let at = 1; at <= 40; at++) service.commit(...(at % 2 === 0 ? [] : [textOf(at)]));
    await becomes(() => quick.heights.length === 40, "all positions");
    expect(quick.heights).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(quick.sequences).toEqual(Array.from({ length: 20 }, (_, index) => 2 * index + 1));
    expect(quick.lost).toEqual([]);
  });

  test("that was away tells what was missed, once, and as missed", async () => {
    const service = await startLogService();
    const seen = await watch(polledLog, service.port);
    service.commit(textOf(1));
    await becomes(() => seen.heights.length === 1, "a position");
    const { port } = service;
    await service.stop();
    await becomes(() => seen.lost.length === 1, "it is lost");
    service.commit(textOf(2));
    service.commit(textOf(3));
    await service.listen(port);
    await becomes(() => seen.restored.length === 1, "it is back");
    service.commit(textOf(4));
    await becomes(() => seen.heights.length === 4, "all positions");
    expect(seen.heights).toEqual([1, 2, 3, 4]);
    expect(seen.sequences).toEqual([1, 2, 3, 4]);
    expect(seen.missed).toEqual([2, 3]);
    expect(seen.restored).toEqual([2]);
    expect(seen.failed).toEqual([]);
    // What was under way when it stopped is reset; what comes after that is refused.
    expect(seen.lost[0]).toMatch(/ECONNREFUSED|ECONNRESET/);
  });

  test("that comes back with less than it had shown is waited for", async () => {
    const service = await startLogService();
    // After a hundred of its periods it has been asked six times.
    const seen = await watch(polledLog, service.port, { firstRetryMs: 10, longestRetryMs: 320 });
    service.commit(textOf(1));
    service.commit(textOf(2));
    await becomes(() => seen.heights.length === 2, "two positions");
    const { port } = service;
    await service.stop();
    await becomes(() => seen.lost.length === 1, "it is lost");
    const forgotten = service.entries.pop();
    await service.listen(port);
    await becomes(() => seen.lost.length > 1, "it is behind");
    const asked = service.asked.length;
    const periods = performance.now() + 100 * (polledLog["every-ms"] ?? 0);
    await becomes(() => performance.now() > periods, "a hundred periods");
    expect(service.asked.length - asked).toBeLessThanOrEqual(8);
    expect(seen.lost).toHaveLength(2);
    expect(seen.lost[1]).toBe("it came back at position 1, after it had reported 2");
    service.commit(...(forgotten?.texts ?? []));
    service.commit(textOf(3));
    await becomes(() => seen.restored.length === 1, "it is back");
    expect(seen.heights).toEqual([1, 2, 3]);
  });

  test.each([
    [
      "an error",
      (end: (status: number, body: string) => void) => end(503, "no leader"),
      "HTTP 503: no leader",
    ],
    ["no JSON", (end: (status: number, body: string) => void) => end(200, "<html>"), 'no JSON: "<html>"'],
    [
      "no list",
      (end: (status: number, body: string) => void) => end(200, '{"items":5,"at":1}'),
      "/items is not a list",
    ],
    [
      "no position",
      (end: (status: number, body: string) => void) => end(200, '{"items":[{"text":"a"}],"at":1}'),
      "/at is missing, not a whole number",
    ],
  ])("that answers with %s is lost, and taken up again after that", async (_, answer, reason) => {
    const service = await startLogService();
    const seen = await watch(polledLog, service.port);
    service.answer = (response) =>
      answer((status, body) => {
        response.statusCode = status;
        response.end(body);
      });
    await becomes(() => seen.lost.length === 1, "it is lost");
    expect(seen.lost[0]).toContain(reason);
    service.commit(textOf(1));
    service.answer = undefined;
    await becomes(() => seen.heights.length === 1, "the position");
    expect(seen.sequences).toEqual([1]);
  });

  test("that hangs is lost after the time-out", async () => {
    const service = await startLogService();
    const seen = await watch(polledLog, service.port, { requestTimeoutMs: 100 });
    service.answer = () => {};
    await becomes(() => seen.lost.length === 1, "it is lost");
    service.answer = undefined;
    service.commit(textOf(1));
    await becomes(() => seen.heights.length === 1, "the position");
  });

  test("that does not answer at first is not watched", async () => {
    const service = await startLogService();
    service.answer = (response) => {
      response.statusCode = 500;
      response.end("not yet");
    };
    await expect(watch(polledLog, service.port)).rejects.toThrow(
      "It did not reply as described: HTTP 500: not yet.",
    );
  });
});
