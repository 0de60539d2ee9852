import { describe, expect, test } from "vitest";
import type { NativeResult } from "../../../../src/contracts/results/native/native.ts";
import type { RoutinePeer } from "../../../../src/contracts/results/native/routines.ts";
import { figuresOfRoutines, routineFigures } from "../../../../src/results/analysis/routines/figures.ts";
import { judgeNative } from "../../../../src/results/analysis/verdict/native-verdict.ts";
import { nativeRun } from "../../sample-native.ts";
import { recordOf, testOf } from "../routines/sample-test.ts";

const points = [{ elapsedMs: 4_000, packets: {}, extra: { tickRatePerSec: 59.5, timerLatenessMeanMs: 0.3 } }];
const whole = routineFigures(
  testOf({
    a: { points, record: recordOf({ sent: 44 }, []) },
    b: { points, record: recordOf({ sent: 44 }, []) },
  }),
  { peers: ["a", "b"], lengthSecs: 4, stepMs: 2_000, isOneMachine: true },
);

/** A run of two peers that were asked for 22.2 messages a second over four seconds. */
function runOf(change: (peer: RoutinePeer) => RoutinePeer = (peer) => peer, loadTps = 22.2): NativeResult {
  const routines = { ...whole, peers: whole.peers.map(change), sent: 88 };
  const sample = nativeRun;
  return {
    ...sample,
    parameters: { ...sample.parameters, nodes: 2, loadTps, durationSecs: 4 },
    figures: figuresOfRoutines(routines, 4),
    environment: undefined,
  };
}

describe("a run of routines", () => {
  test("is valid where all peers reported, sent what they were asked for, and were not kept from it", () => {
    expect(judgeNative(runOf())).toEqual({ status: "valid", reasons: [] });
  });

  test.each<[string, (peer: RoutinePeer) => RoutinePeer, string]>([
    [
      "lacks a report",
      (peer) => ({ ...peer, gap: "it sent no data point" }),
      "Figures of a are not whole: it sent no data point.",
    ],
    [
      "has a peer alone",
      (peer) => ({ ...peer, connections: 0 }),
      "a was connected to no other peer at its end.",
    ],
  ])("is invalid where it %s", (_, change, reason) => {
    const verdict = judgeNative(runOf(change));
    expect([verdict.status, verdict.reasons[0]]).toEqual(["invalid", reason]);
  });

  test("is invalid where more was sent than was asked for, and says which load to give", () => {
    const { status, reasons } = judgeNative(runOf(undefined, 11.1));
    expect([status, reasons]).toEqual([
      "invalid",
      [expect.stringMatching(/sent 198\.2 % of the load.*--loads 22\.$/)],
    ]);
  });

  test("is limited by the machine where a routine is not called often enough, or timers are late", () => {
    const slow = (peer: RoutinePeer): RoutinePeer =>
      peer.name === "a" && peer.busyness
        ? { ...peer, busyness: { ...peer.busyness, tickRatePerSec: 41.25 } }
        : peer;
    expect(judgeNative(runOf(slow))).toEqual({
      status: "generator-limited",
      limitedBy: "machine",
      reasons: [
        expect.stringMatching(
          /^The machine is too busy for so many peers: a 41\.3 calls a second instead of 60/,
        ),
      ],
    });
    const late = (peer: RoutinePeer): RoutinePeer =>
      peer.busyness ? { ...peer, busyness: { ...peer.busyness, timerLatenessMeanMs: 20 } } : peer;
    expect(judgeNative(runOf(late))).toMatchObject({
      limitedBy: "machine",
      reasons: [expect.stringContaining("a 20.0 ms, b 20.0 ms on average")],
    });
  });

  test("judges no peer by a pause that the timeline made", () => {
    const paused = (peer: RoutinePeer): RoutinePeer =>
      peer.name === "a" && peer.busyness
        ? { ...peer, connections: 0, busyness: { ...peer.busyness, tickRatePerSec: 30 } }
        : peer;
    const run = runOf(paused);
    expect(judgeNative(run).status).toBe("invalid");
    const pause = { node: "a", kind: "pause" as const, atSecs: 1, pausedSecs: 2 };
    const faults = [{ ...pause, askedSecs: 1 }] as unknown as NativeResult["faults"];
    expect(judgeNative({ ...run, faults }).reasons.filter((reason) => /busy|connected/.test(reason))).toEqual(
      [],
    );
  });

  test("has room at the edges where few messages are sent", () => {
    expect(judgeNative(runOf(undefined, 21)).reasons).toEqual([]);
  });

  test("is limited by its routines where they sent less than was asked for", () => {
    expect(judgeNative(runOf(undefined, 40))).toMatchObject({
      status: "generator-limited",
      limitedBy: "generator",
      reasons: [expect.stringContaining("sent 88 messages of 160")],
    });
  });
});
