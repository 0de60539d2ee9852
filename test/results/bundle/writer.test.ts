import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { BaleenEvent } from "../../../src/contracts/events.ts";
import type { RunResult } from "../../../src/contracts/results/result.ts";
import { until } from "../../../src/core/async.ts";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { openBundle } from "../../../src/results/bundle/open-bundle.ts";
import { BundleWriteError } from "../../../src/results/bundle/write-error.ts";
import { buildRunJson } from "../../../src/results/schema/run.ts";
import type { SweepSummary } from "../../../src/results/schema/summary.ts";
import { censoredRun, sweepParameters, validRun } from "../sample-results.ts";
import { makeTemporaryFolder, mountDisk, noMountReason } from "../temporary-folder.ts";

const clock = { monotonicMs: () => 0, wallMs: () => Date.UTC(2024, 0, 15, 10, 30, 0, 123) };
const open = (outputDir: string) =>
  openBundle({ outputDir, networkType: "local", run: "3f9a2c1e7b55", clock });

function summaryOf(runs: readonly RunResult[]): SweepSummary {
  const at = "2024-01-15T10:30:00.000Z";
  const times = { startedAt: at, finishedAt: at };
  return { run: "3f9a2c1e7b55", networkType: "local", runtime: "process", ...times, plannedRuns: 2, runs };
}

function eventAt(seq: number): BaleenEvent {
  return {
    v: 1,
    run: "3f9a",
    source: "coordinator",
    seq,
    t: "2024-01-15T10:30:00.000Z",
    type: "debug",
    message: "m",
  };
}

const readJson = async (path: string) => JSON.parse(await readFile(path, "utf8"));

describe("a bundle", () => {
  test("holds every file of a sweep, and a manifest that is true of them", async () => {
    await using folder = await makeTemporaryFolder();
    await using bundle = await open(join(folder.path, "new", "benchmarks"));
    await bundle.writeParameters(sweepParameters);
    await bundle.writeEnvironment({ node: "24" });
    bundle.appendEvent(eventAt(0));
    bundle.appendEvent(eventAt(1));
    bundle.appendSecond(1, { second: -1, due: 100, sent: 100, acknowledged: 99, committed: 0 });
    bundle.appendSecond(1, {
      second: 0,
      due: 1,
      sent: 2,
      acknowledged: 3,
      committed: 4,
      p50Ms: 1.23456,
      p99Ms: 9,
      latenessP99Ms: 0.125,
      loopDelayMaxMs: 3,
      cpuRatio: 1 / 3,
      gcPauseMs: 0,
    });
    bundle.appendHostSecond(1, {
      host: "coordinator",
      second: -3,
      busyRatio: 0.25,
      backgroundRatio: -0.0001,
    });
    bundle.appendHostSecond(1, {
      host: "host0",
      second: 0,
      busyRatio: 0.75,
      backgroundRatio: 0.5,
      stealRatio: 0,
      frequencyMhz: 2600,
      memoryAvailableBytes: 1024,
      memoryPressureRatio: 0.125,
      networkBytesPerSec: 7,
    });
    const path = await bundle.writeRun(validRun);
    await bundle.writeLog("1-node0", "hello\n");
    await bundle.writeHistogram("1-commit", "#[hlog]\n");
    await bundle.finish(summaryOf([validRun]), "in words\n");

    expect(basename(bundle.folder)).toBe("20240115T103000Z-local-3f9a2c1e");
    expect((await readdir(bundle.folder, { recursive: true })).sort()).toEqual([
      "environment.json",
      "events.ndjson",
      "histograms",
      "histograms/1-commit.hlog",
      "host-load.csv",
      "local_benchmark_1_100txs.json",
      "logs",
      "logs/1-node0.log",
      "manifest.json",
      "parameters.json",
      "summary.json",
      "summary.txt",
      "timeseries.csv",
    ]);
    expect(path).toBe(join(bundle.folder, "local_benchmark_1_100txs.json"));
    expect(await readJson(path)).toEqual(JSON.parse(JSON.stringify(buildRunJson(validRun))));
    expect(await readFile(join(bundle.folder, "summary.txt"), "utf8")).toBe("in words\n");
    expect(await readFile(join(bundle.folder, "events.ndjson"), "utf8")).toBe(
      `${JSON.stringify(eventAt(0))}\n${JSON.stringify(eventAt(1))}\n`,
    );
    expect((await readFile(join(bundle.folder, "timeseries.csv"), "utf8")).split("\n")).toEqual([
      "benchmark_number,second,due,sent,acknowledged,committed,p50_ms,p99_ms,lateness_p99_ms,loop_delay_max_ms,generator_cpu_ratio,gc_pause_ms",
      "1,-1,100,100,99,0,,,,,,",
      "1,0,1,2,3,4,1.235,9,0.125,3,0.333,0",
      "",
    ]);
    expect((await readFile(join(bundle.folder, "host-load.csv"), "utf8")).split("\n")).toEqual([
      "benchmark_number,second,host,busy_ratio,background_ratio,steal_ratio,frequency_mhz,memory_available_bytes,memory_pressure_ratio,network_bytes_per_sec",
      "1,-3,coordinator,0.25,-0.0001,,,,,",
      "1,0,host0,0.75,0.5,0,2600,1024,0.125,7",
      "",
    ]);

    const { files } = await readJson(join(bundle.folder, "manifest.json"));
    expect(files).toHaveLength(10);
    for (const { path, size_bytes, sha256 } of files) {
      const bytes = await readFile(join(bundle.folder, path));
      expect([path, size_bytes]).toEqual([path, bytes.length]);
      expect(sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    }
  });

  test("has a folder for its nodes' metrics where they showed some", async () => {
    await using folder = await makeTemporaryFolder();
    await using bundle = await open(folder.path);
    await bundle.writeNodeMetrics(1, "# EOF\n");
    await bundle.writeNodeMetrics(2, "# EOF\n");
    await bundle.finish(summaryOf([]), "in words\n");
    const { files } = await readJson(join(bundle.folder, "manifest.json"));
    expect(files.map(({ path }: { path: string }) => path)).toEqual(
      expect.arrayContaining(["metrics/1-nodes.openmetrics", "metrics/2-nodes.openmetrics"]),
    );
  });

  test("keeps what was appended, and refuses no late event, where the sweep ends without finishing", async () => {
    await using folder = await makeTemporaryFolder();
    const bundle = await open(folder.path);
    bundle.appendEvent(eventAt(0));
    await bundle[Symbol.asyncDispose]();
    await bundle[Symbol.asyncDispose]();
    bundle.appendEvent(eventAt(1));
    expect(await readFile(join(bundle.folder, "events.ndjson"), "utf8")).toBe(
      `${JSON.stringify(eventAt(0))}\n`,
    );
    expect(bundle.failure).toBeUndefined();
  });

  test.each(["../escape", "", "a/b", "..", "node 0"])(
    "takes no name that leaves its folder: %j",
    async (name) => {
      await using folder = await makeTemporaryFolder();
      await using bundle = await open(folder.path);
      await expect(bundle.writeLog(name, "x")).rejects.toThrow(InvalidArgumentError);
      await expect(bundle.writeHistogram(name, "x")).rejects.toThrow(InvalidArgumentError);
    },
  );

  test("never mixes with another one of the same name", async () => {
    await using folder = await makeTemporaryFolder();
    await using first = await open(folder.path);
    first.appendEvent(eventAt(0));
    await expect(open(folder.path)).rejects.toThrow(/already exists/);
    expect((await stat(first.folder)).isDirectory()).toBe(true);
  });

  test("says why it cannot be made", async () => {
    await using folder = await makeTemporaryFolder();
    await writeFile(join(folder.path, "file"), "");
    await expect(open(join(folder.path, "file", "benchmarks"))).rejects.toThrow(
      expect.objectContaining({ code: "bundle-write", systemCode: "ENOTDIR" }),
    );
  });

  test("says so where its folder was removed meanwhile", async () => {
    await using folder = await makeTemporaryFolder();
    await using bundle = await open(folder.path);
    await rm(bundle.folder, { recursive: true });
    await expect(bundle.writeRun(validRun)).rejects.toThrow(BundleWriteError);
    await expect(bundle.writeNodeMetrics(1, "# EOF\n")).rejects.toThrow(BundleWriteError);
    await expect(stat(bundle.folder)).rejects.toThrow("ENOENT");
  });
});

describe("a full disk", () => {
  test("leaves finished runs whole, whole lines, no temporary file, and says it plainly", async (context) => {
    if (noMountReason !== undefined) context.skip(noMountReason);
    await using disk = await mountDisk("size=64k");
    await using bundle = await open(disk.path);
    const first = await bundle.writeRun(validRun);
    let seq = 0;
    await until(
      () => {
        for (let count = 0; count < 20; count++) bundle.appendEvent(eventAt(seq++));
        return bundle.failure;
      },
      { timeoutMs: 10_000, everyMs: 1, describe: () => "the disk never filled up" },
    );
    expect(bundle.failure?.message).toMatch(/^No space left on the disk that holds .*events\.ndjson/);
    await writeFile(join(disk.path, "filler"), Buffer.alloc(64 * 1024)).catch(() => undefined);

    await expect(bundle.writeRun(censoredRun)).rejects.toThrow(/^No space left on/);
    await expect(bundle.finish(summaryOf([validRun]), "words")).rejects.toThrow(/^No space left on/);

    expect(await readJson(first)).toEqual(JSON.parse(JSON.stringify(buildRunJson(validRun))));
    expect((await readdir(bundle.folder)).sort()).toEqual([
      "events.ndjson",
      "histograms",
      "host-load.csv",
      "local_benchmark_1_100txs.json",
      "logs",
      "timeseries.csv",
    ]);
    const lines = (await readFile(join(bundle.folder, "events.ndjson"), "utf8")).split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual(lines.map((_, index) => index));
  });

  test("does not lose a result that still fits, and tells of the earlier failure all the same", async (context) => {
    if (noMountReason !== undefined) context.skip(noMountReason);
    await using disk = await mountDisk("size=64k");
    await using bundle = await open(disk.path);
    await writeFile(join(disk.path, "filler"), Buffer.alloc(64 * 1024)).catch(() => undefined);
    await until(
      () => {
        bundle.appendEvent(eventAt(0));
        return bundle.failure;
      },
      { timeoutMs: 10_000, everyMs: 1, describe: () => "the disk never filled up" },
    );
    await rm(join(disk.path, "filler"));
    await expect(bundle.writeRun(validRun)).rejects.toThrow(/No space left on .*events\.ndjson/);
    const saved = await readJson(join(bundle.folder, "local_benchmark_1_100txs.json"));
    expect(saved).toEqual(JSON.parse(JSON.stringify(buildRunJson(validRun))));
    await expect(bundle.finish(summaryOf([validRun]), "words")).rejects.toThrow(
      /No space left on .*events\.ndjson/,
    );
    const { files } = await readJson(join(bundle.folder, "manifest.json"));
    expect(files.map(({ path }: { path: string }) => path)).toContain("summary.txt");
  });

  test("makes no half bundle", async (context) => {
    if (noMountReason !== undefined) context.skip(noMountReason);
    // Room for the folders of the path (and the root), not for what belongs inside the bundle.
    await using disk = await mountDisk("size=64k,nr_inodes=4");
    await mkdir(join(disk.path, "benchmarks"));
    await expect(open(join(disk.path, "benchmarks"))).rejects.toThrow(/^No space left on/);
    expect(await readdir(join(disk.path, "benchmarks"))).toEqual([]);
  });
});
