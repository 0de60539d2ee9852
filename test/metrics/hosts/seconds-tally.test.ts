import { describe, expect, test } from "vitest";
import type { HostSecond } from "../../../src/contracts/hosts/host-load.ts";
import { reportEnvironment, SecondsTally } from "../../../src/metrics/hosts/seconds-tally.ts";
import { defaultParameters } from "../../../src/options/defaults.ts";

const limits = defaultParameters.environmentLimits;

function tally(rows: readonly Partial<HostSecond>[]): SecondsTally {
  const counted = new SecondsTally(limits);
  for (const [second, row] of rows.entries()) counted.add({ host: "host0", second, ...row });
  return counted;
}
const seconds = (count: number, row: Partial<HostSecond>) => Array.from({ length: count }, () => row);

describe("a machine's seconds", () => {
  test("have means and extremes of what was told, and no figure of what was not", () => {
    const rows = [
      { backgroundRatio: 0.75, stealRatio: 0.01, memoryAvailableBytes: 500, networkBytesPerSec: 10 },
      { backgroundRatio: 0.25, memoryAvailableBytes: 300, networkBytesPerSec: 30 },
      {},
    ];
    expect(tally(rows).figures()).toEqual({
      secs: 3,
      backgroundSecs: 2,
      backgroundMeanRatio: 0.5,
      backgroundMaxRatio: 0.75,
      stealMeanRatio: 0.01,
      stealMaxRatio: 0.01,
      frequencyMeanMhz: undefined,
      frequencyMaxMhz: undefined,
      memoryAvailableLeastBytes: 300,
      memoryPressureMaxRatio: undefined,
      networkMeanBytesPerSec: 20,
    });
    expect(tally([]).figures()).toBeUndefined();
  });

  test.each([
    ["all of them quiet", seconds(20, { backgroundRatio: 0.1, stealRatio: 0.05 }), []],
    ["two of twenty too much", [...seconds(18, {}), ...seconds(2, { backgroundRatio: 0.5 })], []],
    [
      "three of twenty too much",
      [...seconds(17, { backgroundRatio: 0 }), ...seconds(3, { backgroundRatio: 0.5 })],
      ["background CPU above 10 % in 3 of 20 s, 7.5 % on average, 50.0 % at most"],
    ],
    [
      "each limit passed in seconds of its own",
      [{ backgroundRatio: 0.2 }, { stealRatio: 0.06 }, { memoryPressureRatio: 0.11 }, {}],
      [
        "background CPU above 10 % in 1 of 4 s, 20.0 % on average, 20.0 % at most",
        "CPU time stolen by the hypervisor above 5 % in 1 of 4 s, 6.0 % on average, 6.0 % at most",
        "waiting for memory above 10 % in 1 of 4 s, 11.0 % on average, 11.0 % at most",
      ],
    ],
    ["a clock that varies a little", [{ frequencyMhz: 3000 }, { frequencyMhz: 2400 }], []],
    ["one fast second", [{ frequencyMhz: 4200 }, ...seconds(59, { frequencyMhz: 3200 })], []],
    ["one slow second", [{ frequencyMhz: 1000 }, ...seconds(59, { frequencyMhz: 3200 })], []],
    [
      "a clock that fell for long",
      [...seconds(2, { frequencyMhz: 3000 }), ...seconds(8, { frequencyMhz: 2000 })],
      [
        "clock more than 20 % below that of the fastest tenth in 8 of 10 s, 3000 MHz there, 2000 MHz at least",
      ],
    ],
    [
      "seconds that are too many only with those of a fallen clock",
      [
        { backgroundRatio: 0.5, frequencyMhz: 1500 },
        { backgroundRatio: 0.5, frequencyMhz: 3000 },
        ...seconds(2, { backgroundRatio: 0, frequencyMhz: 2000 }),
        ...seconds(20, { backgroundRatio: 0, frequencyMhz: 3000 }),
      ],
      [
        "background CPU above 10 % in 2 of 24 s, 4.2 % on average, 50.0 % at most",
        "clock more than 20 % below that of the fastest tenth in 3 of 24 s, 3000 MHz there, 1500 MHz at least",
      ],
    ],
    ["nothing told", seconds(5, {}), []],
  ])("with %s", (_, rows, reasons) => {
    expect(tally(rows).disturbances()).toEqual(reasons);
  });

  test("are disturbed once, whatever number of limits they pass", () => {
    const both = { backgroundRatio: 1, stealRatio: 1 };
    expect(tally([both, both, {}]).disturbedSecs).toBe(2);
    const slow = { ...both, frequencyMhz: 1000 };
    const fast = seconds(9, { frequencyMhz: 3000 });
    expect(tally([slow, { frequencyMhz: 1000 }, ...fast]).disturbedSecs).toBe(2);
  });
});

test("the report names the machine of each reason, and counts no second before the load", () => {
  const busy = tally(seconds(3, { backgroundRatio: 0.9 }));
  const quiet = tally(seconds(3, { backgroundRatio: 0 }));
  const machine = (host: string, before: SecondsTally, window: SecondsTally) => ({ host, before, window });
  const machines = [machine("coordinator", busy, quiet), machine("host0", quiet, busy)];
  const report = reportEnvironment(machines, { limits, strict: true });
  expect(report.disturbed).toBe(true);
  expect(report.reasons).toEqual([
    "host0: background CPU above 10 % in 3 of 3 s, 90.0 % on average, 90.0 % at most",
  ]);
  expect(report.hosts.map(({ disturbedSecs }) => disturbedSecs)).toEqual([0, 3]);
  expect(reportEnvironment(machines.slice(0, 1), { limits, strict: true }).disturbed).toBe(false);
});
