import { describe, expect, test } from "vitest";
import type { MachineSample, ProcessTicks } from "../../../src/metrics/hosts/sample.ts";
import { differ, differNodes } from "../../../src/metrics/hosts/second.ts";

const ticks = (startTicks: number, cpuTicks: number, childTicks = 0): ProcessTicks => {
  return { startTicks, cpuTicks, childTicks };
};

const before: MachineSample = {
  uptimeSecs: 1000,
  cpu: { idle: 40_000, steal: 100, cores: 2 },
  frequencyMhz: 2600.4,
  memoryAvailableBytes: 9_000,
  memoryStallUs: 5_000_000,
  networkBytes: new Map([["eth0", 1_000]]),
  processes: new Map([[7, ticks(500, 40)]]),
  cgroups: new Map(),
};
/** One second of two cores: 120 of 200 ticks busy, 50 of them a node's. */
const after: MachineSample = {
  uptimeSecs: 1001,
  cpu: { idle: 40_070, steal: 110, cores: 2 },
  frequencyMhz: 2500.4,
  memoryAvailableBytes: 8_000,
  memoryStallUs: 5_250_000,
  networkBytes: new Map([["eth0", 3_000]]),
  processes: new Map([[7, ticks(500, 90)]]),
  cgroups: new Map(),
};
const own = [{ pid: 7 }];
const change = (changed: Partial<MachineSample>): MachineSample => ({ ...after, ...changed });

describe("what went on between two samples", () => {
  test("is shares of the machine, less what was the run's own", () => {
    expect(differ(before, after, own)).toEqual({
      busyRatio: 0.6,
      backgroundRatio: 0.35,
      stealRatio: 0.05,
      frequencyMhz: 2500,
      memoryAvailableBytes: 8_000,
      memoryPressureRatio: 0.25,
      networkBytesPerSec: 2_000,
    });
  });

  test.each([
    ["nobody can say what is the run's", after, undefined, undefined],
    ["a process is named twice", after, [...own, ...own], 0.35],
    ["a process cannot be seen", after, [...own, { pid: 8 }], undefined],
    ["a process of the run has ended", change({ processes: new Map() }), [], undefined],
    [
      "another process has its number",
      change({ processes: new Map([[7, ticks(100_050, 3)]]) }),
      own,
      undefined,
    ],
    [
      "a process began in this second",
      change({ processes: new Map([...after.processes, [8, ticks(100_020, 20)]]) }),
      [...own, { pid: 8 }],
      0.25,
    ],
    [
      "a process began earlier, and is known only now",
      change({ processes: new Map([...after.processes, [8, ticks(90_000, 20)]]) }),
      [...own, { pid: 8 }],
      undefined,
    ],
    [
      "it has waited for children of its own",
      change({ processes: new Map([[7, ticks(500, 90, 10)]]) }),
      [{ pid: 7, withChildren: true }] as const,
      0.3,
    ],
    [
      "its container is here",
      change({ cgroups: new Map([[7, "0::/docker/c0ffee\n"]]) }),
      [{ pid: 7, containerId: "c0ffee" }],
      0.35,
    ],
    [
      "that number is another's here",
      change({ cgroups: new Map([[7, "0::/user.slice\n"]]) }),
      [{ pid: 7, containerId: "c0ffee" }],
      undefined,
    ],
  ] as const)("background where %s", (_, sample, processes, expected) => {
    expect(differ(before, sample, processes)?.backgroundRatio).toBe(expected);
  });

  test.each([
    [
      "an interface that is new",
      new Map([
        ["eth0", 3_000],
        ["eth1", 9e9],
      ]),
      2_000,
    ],
    ["an interface whose counter began again", new Map([["eth0", 5]]), undefined],
    ["no interface", new Map<string, number>(), undefined],
  ])("counts no traffic of %s", (_, networkBytes, expected) => {
    expect(differ(before, change({ networkBytes }), own)?.networkBytesPerSec).toBe(expected);
  });

  test("a machine that was started again tells nothing of this time", () => {
    expect(differ(before, change({ uptimeSecs: 30 }), own)).toBeUndefined();
  });

  test("counters that step back, and cores that come or go, give no shares", () => {
    const shares = (cpu: MachineSample["cpu"]) => {
      const { busyRatio, backgroundRatio, stealRatio } = differ(before, change({ cpu }), own) ?? {};
      return [busyRatio, backgroundRatio, stealRatio];
    };
    expect(shares({ idle: 39_990, steal: 100, cores: 2 })).toEqual([undefined, undefined, undefined]);
    expect(shares({ idle: 40_100, steal: 90, cores: 2 })).toEqual([undefined, undefined, undefined]);
    expect(shares({ idle: 40_100, steal: 100, cores: 1 })).toEqual([undefined, undefined, undefined]);
  });

  test("two moments too close for ticks are no time at all", () => {
    expect(differ(before, change({ uptimeSecs: 1000.05 }), own)).toBeUndefined();
  });

  test("what one counts earlier than the other does not turn into less than nothing for long", () => {
    const quiet = change({ cpu: { idle: 40_151, steal: 100, cores: 2 } });
    expect(differ(before, quiet, own)?.backgroundRatio).toBe(-0.005);
  });
});

describe("what nodes used between two samples", () => {
  const named = (pid: number, node?: string, containerId?: string) => ({ pid, node, containerId });
  const seen = change({
    processes: new Map([
      [7, { ...ticks(500, 90), memoryBytes: 4096 }],
      [8, { ...ticks(100_020, 20), memoryBytes: 8192 }],
      [9, ticks(500, 10)],
    ]),
    cgroups: new Map([[9, "/docker/abc"]]),
  });

  test.each([
    [
      "is CPU time and memory of each",
      [named(7, "node0")],
      [{ node: "node0", cpuRatio: 0.5, memoryBytes: 4096 }],
    ],
    ["has no CPU time of one that began", [named(8, "node1")], [{ node: "node1", memoryBytes: 8192 }]],
    ["leaves out what is no node, and what cannot be seen", [named(7), named(10, "node2")], []],
    ["leaves out a number that is another machine's", [named(9, "node3", "def")], []],
    ["takes that of its container", [named(9, "node3", "abc")], [{ node: "node3" }]],
  ])("%s", (_, processes, expected) => {
    expect(differNodes(before, seen, processes)).toEqual(expected);
  });

  test("processes of one node are added, as far as they were seen before", () => {
    const processes = [7, 8, 9].map((pid) => ({ pid, node: "node0" }));
    const earlier = {
      ...before,
      processes: new Map([
        [7, ticks(500, 40)],
        [8, ticks(501, 10)],
      ]),
    };
    const seen = change({
      processes: new Map([
        [7, { ...ticks(500, 90), memoryBytes: 1000 }],
        [8, { ...ticks(501, 20), memoryBytes: 900, anonymousBytes: 200 }],
        [9, { ...ticks(990, 5), memoryBytes: 30 }],
      ]),
    });
    expect(differNodes(earlier, seen, processes)).toEqual([
      { node: "node0", cpuRatio: 0.6, memoryBytes: 1230 },
    ]);
  });
});
