import { appendFile, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { BaleenEvent } from "../../../src/contracts/events.ts";
import { LockedError } from "../../../src/core/process/lock.ts";
import { holdBundle } from "../../../src/results/bundle/continue.ts";
import { readBundle } from "../../../src/results/bundle/reader.ts";
import { hostLoadTable, secondsLine, secondsTable } from "../../../src/results/schema/csv.ts";
import { BundleReadError } from "../../../src/results/schema/read-error.ts";
import { validRun } from "../sample-results.ts";
import { storeBundle, storedRun } from "../stored-bundle.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";

const eventAt = (seq: number): BaleenEvent => ({
  v: 1,
  run: storedRun,
  source: "coordinator",
  seq,
  t: `2024-01-15T10:30:0${seq}.000Z`,
  type: "debug",
  message: "ü",
});
const line = (seq: number) => `${JSON.stringify(eventAt(seq))}\n`;
const head = `${secondsTable.header}\n`;
const rowOf = (benchmarkNumber: number) => `${secondsLine(benchmarkNumber, second)}\n`;
const second = { second: 0, due: 1, sent: 1, acknowledged: 1, committed: 1 };
const hold = (folder: string) => holdBundle(folder, "baleen benchmark");

/** A bundle whose sweep was killed after its first run, with these ends of its growing files. */
async function killed(
  outputDir: string,
  ends: { readonly events?: string; readonly seconds?: string; readonly hostLoad?: string },
) {
  const folder = await storeBundle(outputDir, { runs: [validRun], finish: false });
  await writeFile(join(folder, "events.ndjson"), ends.events ?? "");
  await writeFile(join(folder, "timeseries.csv"), ends.seconds ?? head);
  if (ends.hostLoad !== undefined) await writeFile(join(folder, "host-load.csv"), ends.hostLoad);
  return {
    folder,
    read: (name: string) => readFile(join(folder, name), "utf8"),
  };
}

describe("a bundle that is gone on with", () => {
  test("grows from its last whole lines", async () => {
    await using temporary = await makeTemporaryFolder();
    const bundle = await killed(temporary.path, {
      events: `${line(0)}${line(1)}{"v":1,"ru`,
      seconds: `${head}${rowOf(1)}${rowOf(2)}2,1,1`,
    });
    await using held = await hold(bundle.folder);
    expect([held.run, held.startedAt, [...held.nextSeqs]]).toEqual([
      storedRun,
      eventAt(0).t,
      [["coordinator", 2]],
    ]);
    const { writer, cut } = await held.open();
    expect(cut).toEqual([
      "events.ndjson ended within a line; its last 10 bytes were cut off.",
      "timeseries.csv: 2 lines were cut off, of a run that had not finished.",
    ]);
    writer.appendEvent(eventAt(2));
    writer.appendSecond(2, second);
    await writer[Symbol.asyncDispose]();
    expect(await bundle.read("events.ndjson")).toBe(line(0) + line(1) + line(2));
    expect(await bundle.read("timeseries.csv")).toBe(head + rowOf(1) + rowOf(2));
  });

  test("keeps the machines' seconds of finished runs alone", async () => {
    await using temporary = await makeTemporaryFolder();
    const finished = `${hostLoadTable.header}\n1,-3,coordinator,0.5,0.1,0,,1,0,1\n1,0,host0,,,,,,,\n`;
    const bundle = await killed(temporary.path, { hostLoad: `${finished}2,0,host0,,,,,,,\n2,1,ho` });
    await using held = await hold(bundle.folder);
    const { writer, cut } = await held.open();
    expect(cut).toEqual(["host-load.csv: 2 lines were cut off, of a run that had not finished."]);
    writer.appendHostSecond(2, { host: "host0", second: 0 });
    await writer[Symbol.asyncDispose]();
    expect(await bundle.read("host-load.csv")).toBe(`${finished}2,0,host0,,,,,,,\n`);
  });

  test.each([
    ["what a power cut left of the last line", `${line(0)}\0\0\0\0\n`, 1],
    ["a line that is no event", `${line(0)}{}\n`, 1],
    ["everything, where nothing is whole", `{"v":1`, 0],
    ["nothing, where nothing is there", "", 0],
  ])("loses %s", async (_, events, kept) => {
    await using temporary = await makeTemporaryFolder();
    const bundle = await killed(temporary.path, { events, seconds: "benchm" });
    await using held = await hold(bundle.folder);
    expect([held.nextSeqs.get("coordinator") ?? 0, held.run]).toEqual([
      kept,
      kept === 0 ? storedRun.slice(0, 8) : storedRun,
    ]);
    const { writer } = await held.open();
    await writer[Symbol.asyncDispose]();
    expect(await bundle.read("events.ndjson")).toBe(kept === 0 ? "" : line(0));
    expect(await bundle.read("timeseries.csv")).toBe(head);
  });

  test("begins files that are not there, and is rid of what was half-written", async () => {
    await using temporary = await makeTemporaryFolder();
    const { folder } = await killed(temporary.path, {});
    await rm(join(folder, "events.ndjson"));
    await rm(join(folder, "timeseries.csv"));
    await writeFile(join(folder, "logs", ".2-node0.log.0123456789ab.tmp"), "half");
    await using held = await hold(folder);
    const { writer } = await held.open();
    await writer[Symbol.asyncDispose]();
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      "events.ndjson",
      "histograms",
      "host-load.csv",
      "local_benchmark_1_100txs.json",
      "logs",
      "logs/1-node0.log",
      "parameters.json",
      "timeseries.csv",
    ]);
  });

  test("knows of a run whose file is there, and whose end no event tells", async () => {
    const envelope = { v: 1, run: storedRun, source: "coordinator", t: eventAt(0).t } as const;
    const created = `${JSON.stringify({ type: "run-created", benchmarkNumber: 1, loadTps: 100, ...envelope, seq: 0 })}\n`;
    const finished = `${JSON.stringify({ type: "run-finished", benchmarkNumber: 1, status: "valid", ...envelope, seq: 1 })}\n`;
    for (const [events, unreported] of [
      [created + line(1), 1],
      [created + finished + line(2), undefined],
      [created + finished + created.replace('Number":1', 'Number":2'), undefined],
    ] as const) {
      await using temporary = await makeTemporaryFolder();
      const { folder } = await killed(temporary.path, { events });
      await using held = await hold(folder);
      expect(held.unreported?.benchmarkNumber).toBe(unreported);
    }
  });

  test("leaves no file open where one of them cannot be", async () => {
    await using temporary = await makeTemporaryFolder();
    const { folder } = await killed(temporary.path, {});
    await using held = await hold(folder);
    await rm(join(folder, "host-load.csv"), { force: true });
    await symlink(join(folder, "gone", "host-load.csv"), join(folder, "host-load.csv"));
    await expect(held.open()).rejects.toThrow("host-load.csv");
    const open = await Promise.all(
      (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
    );
    expect(open.filter((path) => path.startsWith(folder))).toEqual([]);
  });

  test("has no end any more until a new one is written, so that it is not taken for whole", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = await storeBundle(temporary.path, { runs: [validRun], endedEarly: "Interrupted." });
    await using held = await hold(folder);
    expect(held.stored.end).toMatchObject({ plannedRuns: 3, endedEarly: "Interrupted." });
    const { writer } = await held.open();
    await writer[Symbol.asyncDispose]();
    expect((await readBundle(folder)).end).toBeUndefined();
  });
});

describe("a bundle is held", () => {
  test("by one at a time, who is named, and is let go", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = await storeBundle(temporary.path, { runs: [validRun] });
    const held = await hold(folder);
    await expect(hold(folder)).rejects.toThrow(LockedError);
    await expect(hold(folder)).rejects.toThrow(
      `The bundle ${folder} is being written: 20240115T103000Z-local-3f9a2c1e, process ${process.pid} (baleen benchmark)`,
    );
    await held[Symbol.asyncDispose]();
    await using again = await hold(folder);
    expect(again.stored.runs).toHaveLength(1);
  });

  test("only where all of it is as it was, and nothing is made in a folder that is none", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = await storeBundle(temporary.path, { runs: [validRun] });
    await appendFile(join(folder, "events.ndjson"), line(0));
    await expect(hold(folder)).rejects.toThrow(BundleReadError);
    await expect(hold(temporary.path)).rejects.toThrow("it is not a bundle");
    expect(await readdir(temporary.path)).toHaveLength(1);
    expect(await readdir(folder)).not.toContain(".holder");
  });
});
