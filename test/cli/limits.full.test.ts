/** A disk that is full, and too few files that may be open. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { mountDisk, noMountReason } from "../results/temporary-folder.ts";
import { expectWhole } from "./machine.ts";
import { openSetting } from "./setting.ts";

const short = ["--duration=1", "--warm-up=0"];

/** Leaves no byte free on the file system of that folder. */
async function fill(folder: string): Promise<void> {
  await expect(
    promisify(execFile)("dd", ["if=/dev/zero", `of=${join(folder, "filler")}`, "bs=4k"]),
  ).rejects.toThrow(/No space left/);
}

describe("a full disk", () => {
  test("while runs are written: exit 1, said plainly; the finished run is whole, nothing half-written", async (context) => {
    if (noMountReason !== undefined) context.skip(noMountReason);
    await using disk = await mountDisk("size=1m");
    await using setting = await openSetting();
    const command = setting.start("benchmark", ["--loads=50,60", `--output-dir=${disk.path}`, ...short]);
    await command.says("Run 2: 60 tx/s");
    await fill(disk.path);
    const { code, stdout, stderr } = await command.ended;
    expect(code).toBe(1);
    expect(stderr.match(/^error: .*/gm)).toEqual([
      expect.stringMatching(
        /^error: No space left on the disk that holds .*, which could not be written\. Free space there, or name another folder with --output-dir\. \(ENOSPC\)$/,
      ),
    ]);
    expect(stdout).toContain("BENCHMARK RESULT #1\n");
    const [name = ""] = (await readdir(disk.path)).filter((file) => file !== "filler");
    const bundle = join(disk.path, name);
    const run = JSON.parse(await readFile(join(bundle, "local_benchmark_1_50txs.json"), "utf8"));
    expect(run.results.successful_transactions).toBe(50);
    expect(existsSync(join(bundle, "local_benchmark_2_60txs.json"))).toBe(false);
    await expectWhole(bundle);
    await setting.expectNothingLeft();
  });

  test("from the start: exit 2, nothing started", async (context) => {
    if (noMountReason !== undefined) context.skip(noMountReason);
    await using disk = await mountDisk("size=64k");
    await fill(disk.path);
    await using setting = await openSetting();
    const args = ["--loads=50", `--output-dir=${disk.path}`, ...short];
    const { code, stdout, stderr } = await setting.start("benchmark", args).ended;
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(
      `error: No space left on the disk that holds ${disk.path}, which could not be written. Free space there, or name another folder with --output-dir.\n`,
    );
    expect(await readdir(disk.path)).toEqual(["filler"]);
    await setting.expectNothingLeft();
  });
});

describe("too many open files", () => {
  test("for the checks: exit 2, nothing started", async () => {
    await using setting = await openSetting();
    const args = ["--loads=50", ...short];
    const { code, stdout, stderr } = await setting.start("benchmark", args, { openFiles: 26 }).ended;
    expect([code, stdout]).toEqual([2, ""]);
    for (const line of stderr.trimEnd().split("\n")) {
      expect(line).toMatch(/^error: .*too many open files.* Raise the limit \(ulimit -n/);
    }
    expect(existsSync(join(setting.home, "benchmarks"))).toBe(false);
    await setting.expectNothingLeft();
  });

  test("for the nodes: exit 1, said plainly, no node left", async () => {
    await using setting = await openSetting();
    const { code, stderr } = await setting.start("benchmark", ["--loads=50", ...short], { openFiles: 44 })
      .ended;
    expect(code).toBe(1);
    expect(stderr.match(/^error: .*/gm)).toEqual([
      expect.stringMatching(/^error: .*too many open files.* Raise the limit \(ulimit -n/i),
    ]);
    await setting.expectNothingLeft();
  });

  test("for all connections of a run: counted by that name; the verdict says so; exit 3 with --strict", async () => {
    await using setting = await openSetting();
    // The library's way opens a connection for each request that has none; ours makes do with those that it has.
    const args = ["--loads=2000", "--duration=2", "--warm-up=0", "--arrival=poisson", "--strict"];
    const { code, stdout } = await setting.start("benchmark", [...args, "--transport=undici"], {
      openFiles: 60,
    }).ended;
    expect(code).toBe(3);
    expect(stdout).toMatch(/\n {4}\d+ × connection failed: EMFILE\n/);
    expect(stdout).toMatch(
      /VERDICT: GENERATOR-LIMITED.*\n(?: {2}- .*\n)* {2}- the load generator had too many open files/,
    );
    const bundle = await setting.bundle();
    const run = JSON.parse(await readFile(join(bundle, "local_benchmark_1_2000txs.json"), "utf8"));
    expect(run.ledger.scheduled).toBe(4000);
    expect(run.ledger.sent.connection_failed.not_seen).toBeGreaterThan(0);
    await setting.expectNothingLeft();
  });
});
