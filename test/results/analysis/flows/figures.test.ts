import { expect, test } from "vitest";
import { figuresOf, planned, received, sent, type Told, view } from "./told.ts";

const every = (count: number, intervalMs: number, fromMs = 0) =>
  Array.from({ length: count }, (_, index) => fromMs + index * intervalMs);

/**
 * A packet every 37.5 ms for 9 s, each under way for 10 ms. From the packet at 4,500 ms on the link a-b is down; 7
 * packets later, the network leads over c, and two packets come twice.
 */
function handover(): Told {
  const times = every(240, 37.5);
  const [first, lost] = [120, 7];
  const arrivals = times.flatMap((ms, one) => {
    if (one >= first && one < first + lost) return [];
    const arrival = [one, ms + 10, ms] as const;
    return one === 50 || one === 200 ? [arrival, [one, ms + 12, ms] as const] : [arrival];
  });
  const direct = { peer: "b", cost: 96, received: 1 };
  return {
    a: [
      view(-500, ["b>b", "c>c"], [direct, { peer: "c", cost: 96 }]),
      sent(0, times.slice(0, 130)),
      sent(130, times.slice(130)),
      view(4_640, ["b>b", "c>c"], [{ ...direct, cost: 120 }]),
      view(4_700, ["b>b", "c>c"], [{ ...direct, cost: 512, received: 0.5 }]),
      view(4_750, ["b>c", "c>c"], [{ peer: "b" }]),
    ],
    b: [view(-500, ["a>a"]), received(arrivals)],
    c: [view(-500, ["b>b", "a>a"])],
  };
}

const emulated = [
  [0, ["a", "b", 5, 0], ["a", "c", 5, 0], ["c", "b", 5, 0]],
  [3, ["a", "b", 5, 0.02]],
  [3.5, ["a", "b", 5, 0]],
  [4.45, ["a", "b", 5, 0.3]],
  [4.5, ["a", "b", 5, 1]],
  [8, ["a", "b", 5, 0.015]],
] as const;

test("of a network that switches after 300 ms, 7 lost packets and 2 doubled ones are found, and each stage", () => {
  const { flows, handovers, routes, routeChanges, links } = figuresOf(handover(), {
    flows: [planned({ perSec: 1000 / 37.5 })],
    emulated,
  });
  expect(flows[0]).toMatchObject({
    packets: { sent: 240, received: 233, lost: 7, duplicated: 2, reordered: 0, unknown: 0 },
    longestGapMs: 300,
    interruptionCount: 1,
    interruptedMs: 300,
    interruptions: [{ fromSecs: 4.4725, toSecs: 4.7725, lengthMs: 300, lost: 7 }],
    paths: [
      { fromSecs: 0, state: "complete", nodes: ["a", "b"] },
      { fromSecs: 4.75, state: "complete", nodes: ["a", "c", "b"] },
    ],
  });
  expect(handovers).toEqual([
    {
      flow: "alice",
      before: ["a", "b"],
      after: ["a", "c", "b"],
      crossingSecs: 4.45,
      detectedSecs: 4.64,
      leftSecs: 4.75,
      switchedSecs: 4.75,
      recoveredSecs: 4.7725,
      detectMs: 190,
      decideMs: 110,
      recoverMs: 22.5,
      totalMs: 322.5,
      interruptionMs: 300,
      lost: 7,
    },
  ]);
  expect(routeChanges).toBe(1);
  expect(routes.filter(({ fromSecs }) => fromSecs > 0)).toEqual([
    { fromSecs: 4.75, host: "a", to: "b", via: "c", metric: 96 },
  ]);
  const direct = links.find(({ from, to }) => from === "a" && to === "b");
  expect(direct).toMatchObject({ costChanges: 3, lagMs: 190 });
  expect(direct?.seconds.map(({ second, cost, lossRatio }) => [second, cost, lossRatio])).toEqual([
    [0, 96, 0],
    [3, 96, 0.01],
    [4, undefined, 0.5 + 0.05 * 0.3],
    [5, undefined, 1],
    [8, undefined, 0.015],
  ]);
});

test("goodput is kept by bands of the direct link's loss, against the undisturbed seconds", () => {
  const { kept } = figuresOf(handover(), { flows: [planned({ perSec: 1000 / 37.5 })], emulated });
  expect(kept.map(({ fromLossRatio, toLossRatio, secs }) => [fromLossRatio, toLossRatio, secs])).toEqual([
    [0, 0.01, 3],
    [0.01, 0.05, 3],
    [0.5, 1, 4],
  ]);
  expect(kept[0]?.keptRatio).toBe(1);
});

test("a flow that never comes back is interrupted to the end of the window, without a switch", () => {
  const times = every(100, 100);
  const arrivals = times.slice(0, 50).map((ms, one) => [one, ms + 10, ms] as const);
  const { flows, handovers } = figuresOf({
    a: [view(-100, ["b>b"]), sent(0, times), view(6_000, [])],
    b: [received(arrivals)],
  });
  expect(flows[0]).toMatchObject({
    packets: { lost: 50, lossRatio: 0.5 },
    interruptions: [{ fromSecs: 4.91, lengthMs: 5_090, lost: 50 }],
    paths: [{ state: "complete" }, { fromSecs: 6, state: "broken", nodes: ["a"] }],
  });
  expect(flows[0]?.interruptions[0]).not.toHaveProperty("toSecs");
  expect(handovers).toMatchObject([{ before: ["a", "b"], leftSecs: 6, lost: 40, interruptionMs: 5_090 }]);
  expect(handovers[0]?.switchedSecs).toBeUndefined();
});

test("a loop of routes is no path, and a path that comes back is a handover", () => {
  const { flows, handovers } = figuresOf({
    a: [view(-1, ["b>c"]), view(2_000, ["b>b"])],
    b: [],
    c: [view(-1, ["b>b"]), view(1_000, ["b>a"])],
  });
  expect(flows[0]?.paths).toEqual([
    { fromSecs: 0, state: "complete", nodes: ["a", "c", "b"] },
    { fromSecs: 1, state: "loop", nodes: ["a", "c", "a"] },
    { fromSecs: 2, state: "complete", nodes: ["a", "b"] },
  ]);
  expect(handovers).toMatchObject([{ leftSecs: 1, switchedSecs: 2 }]);
});

test("packets that are overtaken are reordered, by the numbers and not by how late they are", () => {
  const arrivals = [0, 1, 3, 4, 2, 5].map((one, place) => [one, 1_000 + place, one * 100] as const);
  const { flows } = figuresOf({ a: [sent(0, every(6, 100))], b: [received(arrivals)] });
  expect(flows[0]?.packets).toMatchObject({ received: 6, reordered: 1, lost: 0 });
});

test("latencies are by both hosts' clocks, round trips by the sender's alone", () => {
  const flows = [planned({ reflects: true })];
  const times = every(10, 100);
  // The clock of b is 500 ms ahead, and packets take 20 ms forth and 30 ms back.
  const { flows: found, ...all } = figuresOf(
    {
      a: [
        sent(0, times),
        received(
          times.slice(1).map((ms, place) => [place + 1, ms + 50, ms]),
          "back",
        ),
      ],
      b: [received(times.map((ms, one) => [one, ms + 520, ms]))],
    },
    { flows, clocks: new Map([["b", { offsetMs: 500, errorMs: 2 }]]) },
  );
  expect(found[0]).toMatchObject({
    packets: { received: 10, returned: 9, beforeSent: 0 },
    oneWay: { count: 10, censored: 0, meanMs: 20, stdDevMs: 0 },
    roundTrip: { count: 9, censored: 1, meanMs: 50, p50: { atLeast: false } },
    roundTripArrived: { p50Ms: 50, p99Ms: 50 },
  });
  expect(found[0]?.roundTrip?.p99).toMatchObject({ atLeast: true });
  expect(all).toMatchObject({ latencyOf: "round-trip", latency: { count: 9 } });
});

test("arrivals before their sending are counted where the clocks cannot explain them", () => {
  const arrivals = [
    [0, 95, 100],
    [1, 190, 200],
  ] as const;
  const clocks = new Map([["b", { offsetMs: 0, errorMs: 6 }]]);
  const { flows } = figuresOf({ a: [sent(0, [100, 200])], b: [received(arrivals)] }, { clocks });
  expect(flows[0]).toMatchObject({ packets: { beforeSent: 1 }, oneWay: { meanMs: 0 } });
});

test("a sender that starts again has new numbers, and arrivals belong to the life that sent them", () => {
  const { flows, hosts } = figuresOf({
    a: [
      { type: "start", at: -1_000 },
      sent(0, [0, 100, 200]),
      { type: "start", at: 5_000 },
      sent(0, [5_100, 5_200]),
    ],
    b: [
      received([
        [0, 10, 0],
        [1, 110, 100],
        [0, 5_110, 5_100],
        [1, 5_210, 5_200],
        [9, 5_300, 5_290],
      ]),
    ],
  });
  expect(flows[0]?.packets).toMatchObject({ sent: 5, received: 4, lost: 1, duplicated: 0, unknown: 1 });
  expect(hosts[0]).toMatchObject({ name: "a", starts: 2 });
});

test("a refused packet is sent and lost, and a late one is counted", () => {
  const batch = { ...sent(0, [0, 100, 200]), lateUs: [0, 12_000, 500], refused: [1] };
  const { flows } = figuresOf({ a: [batch as never], b: [received([[0, 1, 0]])] });
  expect(flows[0]).toMatchObject({ packets: { sent: 3, refused: 1, lost: 2 }, lateSends: 1, lateP99Ms: 12 });
});

test("what is sent before the window or after it does not count", () => {
  const { flows } = figuresOf({ a: [sent(0, [-10, 0, 9_999, 10_000])], b: [] });
  expect(flows[0]?.packets).toMatchObject({ sent: 2 });
  expect(flows[0]?.seconds.map(({ sent: count }) => count)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
});

test("a program's intervals are its goodput, spread over the seconds", () => {
  const interval = (at: number) =>
    ({ type: "program", at, flow: "alice", secs: 2, bytes: 500_000, packets: 10, lost: 1 }) as const;
  const { flows } = figuresOf(
    { a: [], b: [interval(1_000), interval(3_000)] },
    { flows: [planned({ kind: "iperf3", perSec: undefined })] },
  );
  expect(flows[0]).toMatchObject({ goodputMbps: 0.6, packets: { sent: 20, received: 18, lost: 2 } });
  expect(flows[0]?.seconds.slice(0, 4).map(({ goodputMbps }) => goodputMbps)).toEqual([2, 2, 2, 0]);
});

test("frames are counted by what became of them", () => {
  const frame = (at: number, outcome: "shown" | "late" | "incomplete") =>
    ({ type: "frame", at, flow: "alice", frame: 1, outcome }) as const;
  const b = [frame(-1, "shown"), frame(0, "shown"), frame(5_000, "late"), frame(6_000, "incomplete")];
  const { flows } = figuresOf({ a: [], b }, { flows: [planned({ kind: "video" })] });
  expect(flows[0]?.frames).toEqual({ shown: 1, late: 1, incomplete: 1 });
});

test("events of others' flows are refused, and more than is followed is cut", () => {
  const { hosts } = figuresOf({
    a: [received([[0, 1, 0]]), sent(0, [0]), sent(0, [1]), sent(1, [2], "bob")],
    b: [sent(0, [0])],
  });
  expect(hosts.map(({ malformed }) => malformed)).toEqual([3, 1]);
  expect(figuresOf({ a: [], b: [] }).flows[0]).toMatchObject({ packets: { sent: 0 }, interruptionCount: 0 });
});

test("daemons are told of in order, in seconds of the window", () => {
  const { daemons } = figuresOf({
    a: [{ type: "daemon", at: 2_500, daemon: "babeld", state: "ended", why: "SIGKILL" }],
    b: [{ type: "daemon", at: -3_000, daemon: "babeld", state: "started" }],
  });
  expect(daemons.map(({ host, atSecs, state }) => [host, atSecs, state])).toEqual([
    ["b", -3, "started"],
    ["a", 2.5, "ended"],
  ]);
});

test("a program that tells nothing has no packets and no goodput, but interfaces count what passes", () => {
  const counters = (at: number, bytes: number, packets: number) =>
    ({ type: "interfaces", at, counters: [["link0", bytes, packets, 2 * bytes, packets]] }) as const;
  // A second before the window the first half, and at the end nobody looked any more; one began anew at 6 s.
  const looks = [counters(-1_000, 0, 0), counters(1_000, 1_000, 10), counters(5_000, 9_000, 50)];
  const { flows, interfaces, kept } = figuresOf(
    { a: [], b: [...looks, counters(6_000, 0, 0), counters(11_000, 5_000, 50)] },
    { flows: [planned({ kind: "program", perSec: undefined })] },
  );
  expect(flows[0]).toMatchObject({ seconds: [], interruptionCount: 0 });
  expect([flows[0]?.packets, flows[0]?.goodputMbps]).toEqual([undefined, undefined]);
  expect(kept).toEqual([]);
  expect(interfaces).toEqual([
    {
      ...{ host: "b", name: "link0", receivedBytes: 500 + 8_000 + 4_000, receivedPackets: 5 + 40 + 40 },
      ...{ sentBytes: 25_000, sentPackets: 85 },
    },
  ]);
});
