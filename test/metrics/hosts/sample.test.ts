import { describe, expect, test } from "vitest";
import { parseSample } from "../../../src/metrics/hosts/sample.ts";
import { processStat, recorded } from "../samples.ts";

const parse = (files: Readonly<Record<string, string | undefined>>) =>
  parseSample(
    new Map(
      Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [[path, text] as const])),
    ),
  );

describe("what a machine counts", () => {
  test("is read as the kernel writes it", () => {
    expect(parse(recorded)).toEqual({
      uptimeSecs: 36874.08,
      cpu: { idle: 3213846 + 21386, steal: 6352, cores: 2 },
      frequencyMhz: 2500.25,
      memoryAvailableBytes: 23191884 * 1024,
      memoryStallUs: 1_250_000,
      networkBytes: new Map([["eth0", 8933543149 + 16748499]]),
      processes: new Map(),
      cgroups: new Map(),
    });
  });

  test("has processes, whatever their names hold", () => {
    const sample = parse({
      ...recorded,
      "/proc/123/stat": processStat(123, { start: 500, cpu: 42, children: 9 }),
      "/proc/124/stat": "124 (node) Z 1 124 124 0 -1 4194560 10 0 0 0 1 1 0 0 20 0 11 0 123456 7 9 1\n",
      "/proc/123/cgroup": "0::/docker/abc\n",
    });
    expect(sample?.processes).toEqual(new Map([[123, { startTicks: 500, cpuTicks: 42, childTicks: 9 }]]));
    expect(sample?.cgroups).toEqual(new Map([[123, "0::/docker/abc\n"]]));
  });

  test.each([
    ["a kernel without pressure", { "/proc/pressure/memory": undefined }, { memoryStallUs: undefined }],
    ["pressure that is turned off", { "/proc/pressure/memory": "" }, { memoryStallUs: undefined }],
    [
      "a kernel before MemAvailable",
      { "/proc/meminfo": "MemFree: 1 kB\n" },
      { memoryAvailableBytes: undefined },
    ],
    ["a processor that hides its clock", { "/proc/cpuinfo": "processor : 0\n" }, { frequencyMhz: undefined }],
    ["no statistics", { "/proc/stat": "" }, { cpu: undefined }],
    [
      "a kernel without steal",
      { "/proc/stat": "cpu  10 1 5 100 4 1 2\ncpu0 10 1 5 100 4 1 2\n" },
      { cpu: { idle: 104, steal: 0, cores: 1 } },
    ],
    [
      "the first kernels",
      { "/proc/stat": "cpu  10 1 5 100\ncpu0 10 1 5 100\n" },
      { cpu: { idle: 100, steal: 0, cores: 1 } },
    ],
  ])("of %s is what it tells", (_, files, reported) => {
    expect(parse({ ...recorded, ...files })).toEqual({ ...parse(recorded), ...reported });
  });

  test("has clocks of cores that tell them one by one", () => {
    const files = {
      ...recorded,
      "/proc/cpuinfo": "processor : 0\n",
      "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "1800000\n",
      "/sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq": "2200000\n",
    };
    expect(parse(files)?.frequencyMhz).toBe(2000);
  });

  test("is nothing where the files are not Linux's", () => {
    expect(parse({})).toBeUndefined();
    expect(parse({ "/proc/uptime": "a while\n" })).toBeUndefined();
  });
});
