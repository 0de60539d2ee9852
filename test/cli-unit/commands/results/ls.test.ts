import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { runLs } from "../../../../src/cli/commands/results/ls.ts";
import { runShow } from "../../../../src/cli/commands/results/report.ts";
import { claimBundle } from "../../../../src/results/bundle/claim.ts";
import { runOf } from "../../../results/sample-comparisons.ts";
import { generatorLimitedRun, invalidRun, sweepParameters } from "../../../results/sample-results.ts";
import { storeBundle } from "../../../results/stored-bundle.ts";
import { makeTemporaryFolder } from "../../../results/temporary-folder.ts";
import { runAlone } from "../../command-setting.ts";

const ls = (argv: readonly string[], json = false) =>
  runAlone(argv, { command: runLs, name: "ls", settings: { json } });
const show = (argv: readonly string[], json = false) =>
  runAlone(argv, { command: runShow, name: "show", settings: { json } });

const onDay = (day: number) => Date.UTC(2024, 0, day, 10, 30);
const twoLoads = [
  runOf({ throughputTps: 95 }),
  { ...runOf({ loadTps: 200, throughputTps: 190 }), benchmarkNumber: 2 },
];
const parameters = { ...sweepParameters, loadsTps: [100, 200] };
/** A bundle of another day, since bundles are named by it, and of another id. */
async function store(folder: string, day: number, shape: Partial<Parameters<typeof storeBundle>[1]> = {}) {
  const path = await storeBundle(folder, { runs: twoLoads, parameters, wallMs: onDay(day), ...shape });
  const renamed = join(folder, basename(path).replace(/[^-]+$/, `${day}aabbcc`));
  await rename(path, renamed);
  return renamed;
}

describe("ls", () => {
  test("lists bundles of every kind, newest first, and tells what is wrong with those that are broken", async () => {
    await using folder = await makeTemporaryFolder();
    await store(folder.path, 10);
    await store(folder.path, 11, { endedEarly: "Disk full.\u001b[31m" });
    await store(folder.path, 12, { finish: false });
    const bad = await store(folder.path, 13);
    await writeFile(join(bad, "summary.json"), '{"schema":"baleen.summary/1","runs":7}');
    await store(folder.path, 14, {
      runs: [
        { ...generatorLimitedRun, benchmarkNumber: 1 },
        { ...invalidRun, benchmarkNumber: 2 },
      ],
    });
    const going = await store(folder.path, 15, { finish: false });
    await using _claim = await claimBundle(going, { run: "15aabbcc", command: "benchmark" });
    const both = join(folder.path, "20240116T103000Z-both-16aabbcc");
    await cp(await store(folder.path, 9), join(both, "local"), { recursive: true });
    await mkdir(join(folder.path, "20240117T103000Z-local-17aabbcc"));
    await mkdir(join(folder.path, "not-a-bundle"));
    await writeFile(join(folder.path, "notes.txt"), "");
    const { code, stdout } = await ls([folder.path]);
    expect(code).toBe(0);
    const shown = String(stdout).replaceAll(folder.path, "FOLDER");
    await expect(shown).toMatchFileSnapshot("ls.golden.txt");
    expect(
      Math.max(
        ...shown
          .split("\n")
          .slice(0, 20)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(130);
    const table = shown.slice(0, shown.indexOf("\n\n"));
    expect(Math.max(...table.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);

    const document = JSON.parse(String((await ls([folder.path], true)).stdout)) as {
      readonly bundles: readonly Readonly<Record<string, unknown>>[];
    };
    expect(document.bundles.map(({ name, state }) => [String(name).slice(6, 8), state])).toEqual([
      ["17", "broken"],
      ["16", "ended"],
      ["15", "under_way"],
      ["14", "ended"],
      ["13", "broken"],
      ["12", "unfinished"],
      ["11", "ended_early"],
      ["10", "ended"],
      ["09", "ended"],
    ]);
    expect(document.bundles[7]).toEqual({
      name: "20240110T103000Z-local-10aabbcc",
      folder: join(folder.path, "20240110T103000Z-local-10aabbcc"),
      started: "2024-01-10T10:30:00.000Z",
      state: "ended",
      network_type: "local",
      protocol: "mysticeti",
      nodes: 4,
      loads: [100, 200],
      finished_runs: 2,
      planned_runs: 2,
      verdicts: { valid: 2 },
      best_throughput: 190,
      p50_ms: 44.127,
      p99_ms: 80.191,
    });
  });

  test("says where there is none, and refuses what is no folder", async () => {
    await using folder = await makeTemporaryFolder();
    expect(await ls([folder.path])).toMatchObject({
      code: 0,
      stdout: `There are no bundles in ${folder.path}.\n`,
    });
    expect(await ls(["/nowhere"])).toMatchObject({ code: 0, stdout: "There are no bundles in /nowhere.\n" });
    const file = join(folder.path, "a-file");
    await writeFile(file, "");
    expect(await ls([file])).toMatchObject({
      code: 2,
      diagnostics: [expect.stringMatching(/^Cannot use .*a-file: /)],
    });
  });
});

describe("show", () => {
  test("prints the results again, without the assertions of the sweep and whatever its verdicts", async () => {
    await using folder = await makeTemporaryFolder();
    await store(folder.path, 10, {
      runs: [{ ...invalidRun, benchmarkNumber: 1 }],
      parameters: { ...parameters, loadsTps: [100] },
    });
    const bundle = await store(folder.path, 11);
    const { code, stdout } = await show(["last", `--output-dir=${folder.path}`]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^SUMMARY\n[\s\S]*\n +100 +95\.0 [\s\S]*\n +200 +190\.0 /);
    expect(String(stdout).endsWith(`\n\nResults: ${bundle}\n`)).toBe(true);
    expect(await show(["10aa", `--output-dir=${folder.path}`])).toMatchObject({ code: 0 });
    const document = JSON.parse(String((await show([bundle], true)).stdout)) as { runs: unknown[] };
    expect(document.runs).toHaveLength(2);
  });

  test("refuses what is none, with the way to find one", async () => {
    await using folder = await makeTemporaryFolder();
    expect(await show([])).toMatchObject({ diagnostics: ["the bundle is missing. Give BUNDLE."] });
    expect(await show(["last", `--output-dir=${folder.path}`])).toMatchObject({
      diagnostics: [`Cannot use last: there is no bundle in ${folder.path}. Use the path of a bundle.`],
    });
    const killed = await store(folder.path, 10, { finish: false });
    expect(await show([killed])).toMatchObject({
      diagnostics: [expect.stringContaining("its sweep was killed, or goes on")],
    });
    await rm(killed, { recursive: true });
  });
});
