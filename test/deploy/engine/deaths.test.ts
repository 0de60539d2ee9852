import { describe, expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { parseDeath, watchDeaths } from "../../../src/deploy/engine/deaths.ts";

/** An engine whose clock is an hour behind ours. */
const nowNs = (Date.now() - 3_600_000) * 1e6;
const timeNs = async () => BigInt(nowNs) - 1_000_000_000n;

function die(id: string, exitCode: number, afterNs: number): Buffer {
  const event = {
    Type: "container",
    Action: "die",
    Actor: { ID: id, Attributes: { exitCode: `${exitCode}` } },
    timeNano: nowNs + afterNs,
  };
  return Buffer.from(`${JSON.stringify(event)}\n`);
}

describe("watching for ends", () => {
  test("a lost connection is made again from the last event on, and nothing is told twice", async () => {
    const since: (string | undefined)[] = [];
    const heard: { id: string; exitCode: number }[] = [];
    const ended = new AbortController();
    const streams = [
      [die("a", 0, 0), die("b", 137, 1_000_000)],
      // As the engine does it: from that time on, the last event included.
      [die("b", 137, 1_000_000), die("a", 1, 2_000_000)],
    ];
    const open = async (from: string | undefined) => {
      since.push(from);
      const events = streams.shift();
      if (events === undefined) throw new Error("the engine is gone");
      return (async function* () {
        yield* events;
      })();
    };
    await watchDeaths({ open, timeNs }, (death) => heard.push(death), ended.signal);
    await until(() => (since.length >= 3 ? true : undefined), {
      timeoutMs: 5000,
      everyMs: 20,
      describe: () => "it did not connect again",
    });
    ended.abort();
    expect(heard).toEqual([
      { id: "a", exitCode: 0 },
      { id: "b", exitCode: 137 },
      { id: "a", exitCode: 1 },
    ]);
    expect(since[0]).toBeUndefined();
    expect(since[1]).toMatch(/^\d{10}\.\d{9}$/);
    expect(Math.abs(Number(since[1]) - (nowNs + 1e6) / 1e9)).toBeLessThan(1e-3);
  });

  test("a connection that is lost before the first event is made again from the engine's own time on", async () => {
    const since: (string | undefined)[] = [];
    const ended = new AbortController();
    const open = async (from: string | undefined) => {
      since.push(from);
      return (async function* () {})();
    };
    await watchDeaths({ open, timeNs }, () => {}, ended.signal);
    await until(() => since[1], {
      timeoutMs: 5000,
      everyMs: 20,
      describe: () => "it did not connect again",
    });
    ended.abort();
    expect(Math.abs(Number(since[1]) - (nowNs / 1e9 - 1))).toBeLessThan(1e-3);
  });

  test("a first connection that fails is the caller's to hear of", async () => {
    const open = () => Promise.reject(new Error("no engine"));
    await expect(watchDeaths({ open, timeNs }, () => {}, new AbortController().signal)).rejects.toThrow(
      "no engine",
    );
  });

  test.each([
    [{ Action: "start", Actor: { ID: "a", Attributes: {} }, timeNano: 1 }],
    [{ Action: "die", Actor: { ID: "a", Attributes: {} }, timeNano: 1 }],
    [{ Action: "die", timeNano: 1 }],
    [{}],
  ])("%j is no end", (event) => {
    expect(parseDeath(event)).toBeUndefined();
  });
});
