/** What a sweep is held to: exit codes and files for pipelines, on stand-ins, and once on the built binaries. */
import { readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { runReport } from "../../src/cli/commands/results/report.ts";
import { readBundle } from "../../src/results/bundle/reader.ts";
import { verifyBundle } from "../../src/results/verify/verify.ts";
import { runAlone } from "../cli-unit/command-setting.ts";
import { openValidator } from "../results/schemas.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { buildStandInProtocol } from "../stand-in/protocol.ts";
import { benchmark, oneHost } from "./in-process.ts";
import { listAll } from "./machine.ts";
import { openSetting } from "./setting.ts";

const short = ["--loads=40,60", "--duration=1", "--warm-up=0"];
const standIn = buildStandInProtocol({ replyDelayMs: 1, commit: { kind: "after", ms: 20 } });
const readJson = async (...path: string[]) => JSON.parse(await readFile(join(...path), "utf8"));

describe("benchmark --assert", () => {
  test("ends with 3 where one fails; summary, document and files all say which", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const asserted = ["--assert=failed<=0", "--assert", "throughput@60>1000tx/s"];
    const files = [`--junit=${join(folder, "a.xml")}`, `--markdown=${join(folder, "a.md")}`];
    const { code, stdout, diagnostics } = await benchmark([...short, ...asserted, ...files], { folder });
    expect([code, diagnostics]).toEqual([3, []]);
    expect(stdout).toMatch(/\nSUMMARY\n[\s\S]*\n\nASSERTIONS\n[\s\S]* failed<=0 +0 +0 passed\n/);
    const bundle = String(/\nResults: (.*)\n$/.exec(stdout)?.[1]);
    const summary = await readJson(bundle, "summary.json");
    expect((await openValidator("summary"))(summary)).toEqual([]);
    expect(
      summary.assertions.map((one: { load: number; passed: boolean }) => [one.load, one.passed]),
    ).toEqual([
      [40, true],
      [60, true],
      [60, false],
    ]);
    expect(await readFile(join(bundle, "summary.txt"), "utf8")).toContain("\nASSERTIONS\n");
    expect((await readJson(bundle, "parameters.json")).assertions).toEqual([
      "failed<=0",
      "throughput@60>1000tx/s",
    ]);
    expect(await readFile(join(folder, "a.xml"), "utf8")).toContain('tests="6" failures="1" errors="0"');
    expect(await readFile(join(folder, "a.md"), "utf8")).toMatch(/^\*\*Benchmark failed\*\*: 1 of 3 /);
  });

  test("measures changes from a baseline, which is looked at before anything is started", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const first = await benchmark(short, { folder });
    const before = String(/\nResults: (.*)\n$/.exec(first.stdout)?.[1]);
    const held = ["--assert=throughput>-50%", `--baseline=${relative(process.cwd(), before)}`];
    const { code, stdout } = await benchmark([...short, ...held, "--json"], { folder, json: true });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).assertions).toMatchObject([
      { load: 40, passed: true, baseline: expect.any(Number) },
      { load: 60, passed: true },
    ]);
    const { bundle, parameters } = JSON.parse(stdout);
    expect(parameters.baseline).toBe(before);
    expect((await verifyBundle(bundle, () => standIn)).differences).toEqual([]);
    const other = await benchmark(["--loads=40,80", "--duration=2", "--warm-up=0", ...held], { folder });
    expect(other).toMatchObject({
      code: 2,
      stdout: "",
      diagnostics: [
        expect.stringMatching(/^--baseline .*: it has no run at 80 tx\/s /),
        expect.stringMatching(/^--baseline .*: its duration is 1, but here it is 2\. /),
      ],
    });
    expect(
      (await listAll(join(folder, "benchmarks"))).filter((path) => path.endsWith("manifest.json")),
    ).toHaveLength(2);

    await rm(before, { recursive: true });
    const again = await benchmark(["--resume", bundle], { folder });
    expect([again.code, again.diagnostics]).toEqual([3, []]);
    expect(again.stderr).toContain(`warning: The baseline of the sweep: Cannot use ${before}: `);
    expect(again.stdout).toContain("throughput>-50% at 40 tx/s: baseline: it cannot be read\n");
  });

  test("holds each side of both networks to it, against the same side of the baseline, in one file", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const both = ["--network-type=both", ...short];
    const first = await benchmark(both, { folder, env: oneHost });
    const before = String(/\nComparison: (.*)\/comparison\.txt\n$/.exec(first.stdout)?.[1]);
    const held = ["--assert=throughput>-50%", "--assert=failed@60<0", `--baseline=${before}`];
    const file = join(folder, "both.xml");
    const second = await benchmark([...both, ...held, `--junit=${file}`], {
      folder,
      env: oneHost,
      json: true,
    });
    expect(second.code).toBe(3);
    const document = JSON.parse(second.stdout);
    for (const side of ["local", "remote"]) {
      expect(document[side].assertions).toMatchObject([
        { passed: true },
        { passed: true },
        { passed: false },
      ]);
    }
    const xml = await readFile(file, "utf8");
    expect(xml).toContain('<testsuite name="local 40 tx/s"');
    expect(xml).toContain('<testsuite name="remote 60 tx/s"');
    for (const side of ["local", "remote"]) {
      const own = join(document.bundle, side);
      expect((await readJson(own, "parameters.json")).baseline).toBe(join(before, side));
      const again = await runAlone([own], { command: runReport, name: "report", settings: { json: true } });
      expect(again.code).toBe(3);
      expect(JSON.parse(again.stdout).assertions).toEqual(document[side].assertions);
    }
  });

  test("of a sweep that is interrupted the files tell what finished", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const file = join(folder, "a.xml");
    const argv = [...short, "--assert=failed<=0", `--junit=${file}`];
    const interruptWhen = (stderr: string) => /^Run 1 finished/m.test(stderr);
    const { code } = await benchmark(argv, { folder, interruptWhen });
    expect(code).toBe("interrupted");
    const xml = await readFile(file, "utf8");
    expect(xml).toContain('<error type="ended-early" message="ended early, after 1 of 2 runs">');
    expect(xml).toContain("no run finished");
  });

  test("a sweep that is gone on with is held to what it was begun with, or to what is given now", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const interruptWhen = (stderr: string) => /^Run 1 finished/m.test(stderr);
    const first = await benchmark([...short, "--assert=failed<0"], { folder, interruptWhen });
    expect(first.code).toBe("interrupted");
    const bundle = String(/\nResults: (.*)\n$/.exec(first.stdout)?.[1]);
    const second = await benchmark(["--resume", bundle], { folder });
    expect([second.code, second.diagnostics]).toEqual([3, []]);
    expect((await readBundle(bundle)).runs).toHaveLength(2);
    const complete = await benchmark(["--resume", bundle, "--assert=failed<=0"], { folder });
    expect(complete.code).toBe(0);
    expect(complete.stdout).toMatch(/^ASSERTIONS\n/);
    expect((await benchmark(["--resume", bundle], { folder })).code).toBe(3);
  });

  test("what a sweep is held to anew while it goes on is kept: its bundle agrees, and is held to it later", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const interruptWhen = (stderr: string) => /^Run 1 finished/m.test(stderr);
    const first = await benchmark([...short, "--assert=failed<0"], { folder, interruptWhen });
    const bundle = String(/\nResults: (.*)\n$/.exec(first.stdout)?.[1]);
    const second = await benchmark(["--resume", bundle, "--assert=failed<=0", "--cleanup"], { folder });
    expect([second.code, second.diagnostics]).toEqual([0, []]);
    expect(await readJson(bundle, "parameters.json")).toMatchObject({
      assertions: ["failed<=0"],
      cleanup: "remove",
    });
    expect((await verifyBundle(bundle, () => standIn)).differences).toEqual([]);
    expect((await benchmark(["--resume", bundle], { folder })).code).toBe(0);
  });
});

test("the binaries: 0, 3 and 2, with and without a baseline", async () => {
  await using setting = await openSetting();
  const run = ["--loads=50", "--duration=2", "--warm-up=0.5"];
  const good = await setting.start("benchmark", [...run, "--assert=failed<=0", "--assert=commit.p99<20s"])
    .ended;
  expect([good.code, good.stderr.includes("error:")], good.stderr).toEqual([0, false]);
  expect(good.stdout).toMatch(/\n +50 commit\.p99<20s +[\d.]+ ms 20000 ms passed\n/);
  const bundle = await setting.bundle();
  const ends = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    (await setting.start("baleen", ["report", bundle, ...args], { env }).ended).code;
  expect(await ends([])).toBe(0);
  expect(await ends(["--assert=commit.p50<1us"])).toBe(3);
  expect(await ends([], { BALEEN_ASSERT: "failed<=0; commit.p50<1us" })).toBe(3);
  expect(await ends(["--assert=throughput>=-0%", `--baseline=${bundle}`])).toBe(0);
  expect(await ends(["--assert=throughput>+1%", `--baseline=${bundle}`])).toBe(3);
  expect(await ends(["--assert=throughput>-5%"])).toBe(2);
  const misspelt = await setting.start("benchmark", [...run, "--assert=comit.p99<1s"]).ended;
  expect(misspelt).toMatchObject({ code: 2, stdout: "" });
  expect(misspelt.stderr).toContain("Did you mean commit.p99?");
  await setting.expectNothingLeft();
});
