import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { delay, mapBounded, until, untilAborted } from "../../src/core/async.ts";
import { TimeoutError } from "../../src/core/errors.ts";

describe("delay", () => {
  test("lasts as long as asked, and leaves no listener behind", async () => {
    const { signal } = new AbortController();
    const startMs = performance.now();
    await delay(30, signal);
    // Timers of Node.js may fire up to 1 ms early.
    expect(performance.now() - startMs).toBeGreaterThan(28);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test("ends at once on abort, with its reason", async () => {
    const stop = new AbortController();
    const reason = new Error("stop");
    const waiting = delay(60_000, stop.signal);
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test("does not begin after an abort", async () => {
    await expect(delay(60_000, AbortSignal.abort("why"))).rejects.toBe("why");
  });
});

describe("until", () => {
  test("yields the first value that is not undefined, falsy ones included", async () => {
    const values = [undefined, undefined, 0, 1];
    let calls = 0;
    const value = await until(() => values[calls++], { timeoutMs: 5000, everyMs: 1, describe: () => "" });
    expect(value).toBe(0);
    expect(calls).toBe(3);
  });

  test("says after its time what it waited for", async () => {
    let calls = 0;
    const waiting = until(
      () => {
        calls++;
        return undefined;
      },
      { timeoutMs: 60, everyMs: 20, describe: () => `asked ${calls} times` },
    );
    const error = await waiting.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: "timeout", timeoutMs: 60, message: `asked ${calls} times` });
    expect(calls).toBeGreaterThanOrEqual(2);
  });

  test("asks once more at the end of its time, so that a pause longer than that is no loss", async () => {
    let calls = 0;
    const probe = () => (++calls === 2 ? "seen" : undefined);
    expect(await until(probe, { timeoutMs: 30, everyMs: 60_000, describe: () => "" })).toBe("seen");
  });

  test("passes on what the probe throws, and the reason of an abort", async () => {
    const broken = () => Promise.reject(new Error("broken"));
    const options = { timeoutMs: 5000, everyMs: 1, describe: () => "" };
    await expect(until(broken, options)).rejects.toThrow("broken");
    const stop = new AbortController();
    const waiting = until(() => undefined, { ...options, everyMs: 60_000, signal: stop.signal });
    stop.abort("why");
    await expect(waiting).rejects.toBe("why");
  });
});

describe("mapBounded", () => {
  test.each([
    [10, 3, 3],
    [2, 5, 2],
    [0, 4, 0],
  ])("%i items, %i at once: keeps the order, runs %i together", async (count, limit, most) => {
    let running = 0;
    let highest = 0;
    const items = Array.from({ length: count }, (_, index) => index);
    const results = await mapBounded(items, limit, async (item, index) => {
      highest = Math.max(highest, ++running);
      await delay(count - item);
      running--;
      return `${item}/${index}`;
    });
    expect(results).toEqual(items.map((item) => `${item}/${item}`));
    expect(highest).toBe(most);
  });

  test("rejects with the first failure", async () => {
    const mapping = mapBounded([1, 2, 3], 2, async (item) => {
      if (item === 2) throw new Error("two");
      return item;
    });
    await expect(mapping).rejects.toThrow("two");
  });
});

describe("untilAborted", () => {
  test("yields what the work yields, and leaves no listener behind", async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve(7), signal)).toBe(7);
    await expect(untilAborted(Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test("rejects with the signal's reason as soon as it aborts, whatever comes of the work", async () => {
    const stop = new AbortController();
    const waiting = untilAborted(
      delay(20).then(() => Promise.reject(new Error("late"))),
      stop.signal,
    );
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(untilAborted(Promise.resolve(7), stop.signal)).rejects.toThrow("enough");
  });
});
