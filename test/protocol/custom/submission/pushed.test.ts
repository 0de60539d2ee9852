import { describe, expect, test } from "vitest";
import { until } from "../../../../src/core/async.ts";
import { pushedFromCursor, pushedFromNow } from "./described.ts";
import { startLogService } from "./log-service.ts";
import { becomes, textOf, watch } from "./watching.ts";

const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("a node that sends its commits", () => {
  test("tells each position once and in order; other messages are read over", async () => {
    const service = await startLogService();
    const seen = await watch(pushedFromNow, service.port);
    await becomes(() => service.subscribers === 1, "it is subscribed to");
    service.say({ kind: "notice", at: 1, items: [{ text: textOf(9) }] });
    service.commitAt(0, textOf(0));
    service.commit(textOf(1), textOf(2));
    service.commitAt(5);
    service.commit("somebody else's", textOf(3));
    await becomes(() => seen.heights.length === 4, "four positions");
    expect(seen.heights).toEqual([0, 1, 5, 6]);
    expect(seen.sequences).toEqual([0, 1, 2, 3]);
    expect(seen.observer.height()).toBe(6);
    expect(seen.failed).toEqual([]);
  });

  test("over any number of cuts nothing is lost or told twice where it can be asked to go on", async () => {
    const service = await startLogService();
    service.commit(textOf(1000));
    const seen = await watch(pushedFromCursor, service.port);
    let sequence = 0;
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 5; i++) service.commit(textOf(sequence++));
      service.cut();
      for (let i = 0; i < 5; i++) service.commit(textOf(sequence++));
      await becomes(() => seen.restored.length === round + 1, `it is back ${round + 1} times`);
      await becomes(() => service.subscribers === 1, "it is subscribed to");
    }
    await becomes(() => seen.heights.length === 100, "all positions");
    expect(seen.heights).toEqual(range(2, 101));
    expect(seen.sequences).toEqual(range(0, 99));
    expect(seen.failed).toEqual([]);
    expect(seen.lost).toHaveLength(10);
    expect(seen.missed.length).toBeGreaterThanOrEqual(50);
    expect(seen.restored.reduce((sum, count) => sum + count, 0)).toBe(seen.missed.length);
  });

  test("what a cut let go is told as a failure where it cannot", async () => {
    const service = await startLogService();
    const seen = await watch(pushedFromNow, service.port);
    await becomes(() => service.subscribers === 1, "it is subscribed to");
    service.commit(textOf(1));
    await becomes(() => seen.heights.length === 1, "a position");
    service.cut();
    service.commit(textOf(2));
    await becomes(() => seen.restored.length === 1 && service.subscribers === 1, "it is back");
    service.commit(textOf(3));
    await becomes(() => seen.heights.length === 2, "the next position");
    expect(seen.heights).toEqual([1, 3]);
    expect(seen.failed).toHaveLength(1);
    expect(seen.failed[0]).toContain("what it commits after position 1 until it reconnects");
  });

  test("that was away is come back to", async () => {
    const service = await startLogService();
    const seen = await watch(pushedFromCursor, service.port);
    const { port } = service;
    await service.stop();
    await becomes(() => seen.lost.length === 1, "it is lost");
    service.commit(textOf(1));
    await service.listen(port);
    await becomes(() => seen.restored.length === 1, "it is back");
    expect(seen.sequences).toEqual([1]);
    expect(seen.missed).toEqual([1]);
    expect(seen.restored).toEqual([1]);
  });

  test("whose position comes in two messages has lost its position", async () => {
    const service = await startLogService();
    const seen = await watch(pushedFromNow, service.port);
    await becomes(() => service.subscribers === 1, "it is subscribed to");
    service.say({ kind: "block", at: 4, items: [{ text: textOf(1) }] });
    service.say({ kind: "block", at: 4, items: [{ text: textOf(2) }] });
    await becomes(() => seen.failed.length === 1, "it is told");
    expect(seen.failed).toEqual(["position 4 came after 4: all items of a position must be in one message"]);
    expect(seen.heights).toEqual([4]);
  });

  test("that sends old positions again and again has lost its position once", async () => {
    const service = await startLogService();
    const seen = await watch(pushedFromNow, service.port);
    await becomes(() => service.subscribers === 1, "it is subscribed to");
    for (const at of [9, 1, 2, 3, 10]) service.say({ kind: "block", at, items: [] });
    await becomes(() => seen.heights.length === 2, "the new ones");
    expect(seen.failed).toEqual(["position 1 came after 9: all items of a position must be in one message"]);
  });

  test("whose message is not as described is given up, and taken up again", async () => {
    const service = await startLogService();
    const seen = await watch(pushedFromCursor, service.port);
    await becomes(() => service.subscribers === 1, "it is subscribed to");
    service.say({ kind: "block", at: "soon", items: [] });
    await becomes(() => seen.lost.length === 1, "it is lost");
    expect(seen.lost[0]).toContain('/at is "soon", not a whole number');
    service.commit(textOf(1));
    await becomes(() => seen.sequences.length === 1, "the position");
  });

  test("that ended the subscription and kept the connection is subscribed to anew, where others are further", async () => {
    const service = await startLogService();
    const seen = await watch(pushedFromCursor, service.port);
    await becomes(() => service.subscribers === 1, "it is subscribed to");
    service.commit(textOf(1));
    await becomes(() => seen.heights.length === 1, "a position");
    service.cancel();
    service.commit(textOf(2));
    // It has not what others have shown: it is behind, and its connection may be as it should.
    const asked = service.asked.length;
    seen.observer.question?.(3);
    await becomes(() => service.asked.length > asked, "it is asked");
    seen.observer.question?.(1);
    service.commit(textOf(3));
    await until(
      () => {
        seen.observer.question?.(3);
        return seen.restored.length === 1 ? true : undefined;
      },
      { timeoutMs: 10_000, everyMs: 20, describe: () => "it is not back" },
    );
    expect(seen.lost).toEqual(["it sends nothing, but others have reported position 3"]);
    expect(seen.heights).toEqual([1, 2, 3]);
    expect(seen.missed).toEqual([2, 3]);
    expect(seen.failed).toEqual([]);
  });

  test("that cannot be asked is subscribed to anew, and what it sent nobody is told as a failure", async () => {
    const service = await startLogService();
    const seen = await watch(pushedFromNow, service.port);
    await becomes(() => service.subscribers === 1, "it is subscribed to");
    service.commit(textOf(1));
    await becomes(() => seen.heights.length === 1, "a position");
    service.cancel();
    service.commit(textOf(2));
    seen.observer.question?.(2);
    await becomes(() => seen.restored.length === 1 && service.subscribers === 1, "it is back");
    service.commit(textOf(3));
    await becomes(() => seen.heights.length === 2, "the next position");
    expect(seen.failed).toHaveLength(1);
  });

  test("that takes no connection at first is not watched", async () => {
    const service = await startLogService();
    const { port } = service;
    await service.stop();
    await expect(watch(pushedFromNow, port)).rejects.toThrow("ECONNREFUSED");
  });
});
