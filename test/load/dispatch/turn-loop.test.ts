import { describe, expect, test } from "vitest";
import { delay } from "../../../src/core/async.ts";
import { systemClock as clock } from "../../../src/core/clock.ts";
import { TurnLoop } from "../../../src/load/dispatch/turn-loop.ts";

const { signal } = new AbortController();
const farMs = () => clock.monotonicMs() + 60_000;

describe("a turn loop", () => {
  test.each(["precise", "balanced", "eco"] as const)("%s: ends with its last turn", async (mode) => {
    let turns = 0;
    const take = () => (++turns < 100 ? clock.monotonicMs() : undefined);
    await new TurnLoop({ mode, clock, signal, take }).run();
    expect(turns).toBe(100);
  });

  test("takes a turn every 50 ms, however far away the next one that is wanted", async () => {
    const startMs = clock.monotonicMs();
    let turns = 0;
    const take = () => (++turns < 4 ? farMs() : undefined);
    await new TurnLoop({ mode: "eco", clock, signal, take }).run();
    expect(clock.monotonicMs() - startMs).toBeGreaterThan(140);
  });

  test("when woken takes one at once, and once only", async () => {
    const atMs: number[] = [];
    const loop = new TurnLoop({
      mode: "precise",
      clock,
      signal,
      take: (nowMs) => (atMs.push(nowMs) < 3 ? farMs() : undefined),
    });
    const running = loop.run();
    await new Promise<void>((resolve) => {
      const look = () => (atMs.length > 0 ? resolve() : setImmediate(look));
      look();
    });
    loop.wake();
    loop.wake();
    await running;
    // The second turn was asked for; the third one came by itself.
    expect((atMs[2] ?? 0) - (atMs[1] ?? 0)).toBeGreaterThan(40);
  });

  test("lets others have theirs in between, also when it is always behind", async () => {
    let served = 0;
    let turns = 0;
    const serve = () => {
      served++;
      if (turns < 50) setImmediate(serve);
    };
    setImmediate(serve);
    await new TurnLoop({ mode: "precise", clock, signal, take: () => (++turns < 50 ? 0 : undefined) }).run();
    expect(served).toBeGreaterThan(40);
  });

  test("tells how much later a turn came than it was asked for", async () => {
    const lateMs: number[] = [];
    const loop = new TurnLoop({
      mode: "precise",
      clock,
      signal,
      take: (nowMs) => {
        lateMs.push(loop.lateMs(nowMs));
        const endMs = nowMs + 30;
        while (clock.monotonicMs() < endMs);
        return lateMs.length < 2 ? nowMs : undefined;
      },
    });
    await loop.run();
    expect(lateMs[1]).toBeGreaterThanOrEqual(30);
  });

  test("ends with what its turn throws", async () => {
    const error = new Error("broken");
    const take = () => {
      throw error;
    };
    await expect(new TurnLoop({ mode: "eco", clock, signal, take }).run()).rejects.toBe(error);
  });

  test("ends with the reason of an abort, and takes no turn after it", async () => {
    const abort = new AbortController();
    let turns = 0;
    const take = () => {
      turns++;
      return farMs();
    };
    const running = new TurnLoop({ mode: "precise", clock, signal: abort.signal, take }).run();
    const reason = new Error("interrupted");
    setImmediate(() => abort.abort(reason));
    await expect(running).rejects.toBe(reason);
    const taken = turns;
    await delay(120);
    expect(turns).toBe(taken);
  });
});
