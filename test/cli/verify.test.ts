/** Bundles that real sweeps left, on stand-in nodes: they agree, and an edit of any digit does not go unseen. */

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runVerify } from "../../src/cli/commands/results/verify.ts";
import { formatJson } from "../../src/core/documents/numbers.ts";
import { decodeHistogram, encodeHistogram } from "../../src/metrics/stats/hlog.ts";
import { buildManifest } from "../../src/results/bundle/manifest.ts";
import { readFiles } from "../../src/results/verify/contents/files.ts";
import { verifyBundle } from "../../src/results/verify/verify.ts";
import { verifyFiles } from "../../src/results/verify/verify-bundle.ts";
import { runAlone } from "../cli-unit/command-setting.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../results/temporary-folder.ts";
import { buildStandInProtocol } from "../stand-in/protocol.ts";
import { benchmark } from "./in-process.ts";

const protocol = buildStandInProtocol({ replyDelayMs: 1, commit: { kind: "after", ms: 20 } });
const whole = ["--loads=60", "--num-transactions=90", "--warm-up=1"];
const crashes = ["--loads=40", "--duration=2", "--warm-up=1", "--faults=1", "--allow-no-quorum", "--drain=1"];

/** The one bundle in a folder. */
async function bundleIn(folder: string): Promise<string> {
  const [name = ""] = await readdir(join(folder, "benchmarks"));
  return join(folder, "benchmarks", name);
}

const bundles: Record<string, string> = {};
const folders: TemporaryFolder[] = [];

beforeAll(async () => {
  for (const [name, argv] of Object.entries({ whole, crashes })) {
    const folder = await makeTemporaryFolder();
    folders.push(folder);
    await benchmark(argv, { folder: folder.path, nodes: name === "crashes" ? 2 : 1 });
    bundles[name] = await bundleIn(folder.path);
  }
});
afterAll(async () => {
  await Promise.all(folders.map((folder) => folder[Symbol.asyncDispose]()));
});

const folderOf = (name: string) => bundles[name] ?? "";

/** All digits of a text, each changed in turn, every `step`th of them. */
function* editsOf(text: string, step = 1): Generator<{ readonly at: number; readonly text: string }> {
  let seen = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text[at] ?? "";
    if (!/\d/.test(digit) || seen++ % step !== 0) continue;
    yield { at, text: `${text.slice(0, at)}${(Number(digit) + 1) % 10}${text.slice(at + 1)}` };
  }
}

/** The line that a place is in, as far as there. */
function lineUpTo(text: string, at: number): string {
  return text.slice(text.lastIndexOf("\n", at - 1) + 1, at + 1);
}

/** Deflate can say one thing in several ways, and zlibs differ in it: an edit that chose another one changed no number. */
function isSameHistogram(text: string, edited: string, at: number): boolean {
  const lines = [text, edited].map((one) => {
    const line = lineUpTo(one, one.indexOf("\n", at) - 1);
    const start = line.indexOf("HISTFAAA");
    return start < 0 ? undefined : line.slice(0, start) + encodeHistogram(decodeHistogram(line.slice(start)));
  });
  return lines[0] !== undefined && lines[0] === lines[1];
}

describe("a bundle as a sweep left it", () => {
  test.each(["whole", "crashes"])("agrees: %s", async (name) => {
    const { differences, checks } = await verifyBundle(folderOf(name), () => protocol);
    expect(differences).toEqual([]);
    expect(checks.reduce((sum, { compared }) => sum + compared, 0)).toBeGreaterThan(500);
  });

  test("is told in words and as a document, with what no check can find", async () => {
    const setting = {
      command: runVerify,
      name: "verify",
      backend: { openProtocol: () => ({ protocol, diagnostics: [] }) },
    } as const;
    const words = await runAlone([folderOf("whole")], setting);
    expect(words).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^AGREES: [\d,]+ comparisons over 1 run;/m),
    });
    expect(words.stdout).toContain("It does not prove who wrote a bundle");
    const json = await runAlone([folderOf("whole")], { ...setting, settings: { json: true } });
    expect(JSON.parse(json.stdout)).toMatchObject({ agrees: true, runs: 1, differences: [] });
  });
});

test("a bundle whose sweep was killed before it told a run's end agrees once it was gone on with", async () => {
  await using folder = await makeTemporaryFolder();
  await benchmark(whole, { folder: folder.path });
  const bundle = await bundleIn(folder.path);
  const events = join(bundle, "events.ndjson");
  const reported = await readFile(events, "utf8");
  await writeFile(
    events,
    reported.slice(0, reported.lastIndexOf("\n", reported.indexOf('"type":"run-finished"')) + 1),
  );
  for (const name of ["manifest.json", "summary.json", "summary.txt"]) await rm(join(bundle, name));
  expect(await benchmark([`--resume=${bundle}`], { folder: folder.path })).toMatchObject({ code: 0 });
  expect((await verifyBundle(bundle, () => protocol)).differences).toEqual([]);
});

/**
 * Numbers that a bundle says once, so that nothing in it contradicts an edit: only the manifest does. Everything else is
 * found by what follows from it.
 */
const saidOnce: readonly (readonly [file: RegExp, line: RegExp])[] = [
  // What a node said of itself; shown nowhere else, or rounded.
  [/^local_benchmark/, /^ *"(name|cpu_secs|memory_bytes|reads|writes|open_files|threads|height)": /],
  // What the commit observer saw of itself; it only has to fit the commits that were seen.
  [
    /^local_benchmark/,
    /^ {4}"(blocks|transactions|message_bytes|cpu_ms|cpu_max_ratio|loop_delay_p99_ms|loop_delay_max_ms|lag_max_ms)": /,
  ],
  // Blocks that nodes showed, and how old they were: block_age stands right below the results.
  [
    /^local_benchmark/,
    /^ *"(compared_afterwards": |fingerprint": ")|^ {8}"node\d|^ {6}"(min|p50|p99|max|mean)_ms": /,
  ],
  // Seen by the load generator alone; the summary shows hundredths.
  [/^local_benchmark/, /^ *"first_commit_secs": /],
  // Wall times, waits and places of the coordinator.
  [/^events/, /"t":"[^"]*$/],
  [/^events/, /"type":"(network-step|warning)",.*"(detail|message)":"[^"]*$/],
  [/^events/, /"(readyAfterMs|readyNode|lateMs|missedHeights|bundle|file|step|reason)":[^,]*$/],
  // What nodes used of their machine, second by second.
  [/^events/, /"type":"machine-second",.*"nodes":\[.*"(cpuRatio|memoryBytes|reads|writes)":[\d.]*$/],
  // A run tells the whole millisecond.
  [/^events/, /"windowStartsAtMs":\d+\.\d+$/],
  // Events are not rounded, and nothing that is published has a fourth decimal.
  [/^events/, /":-?\d+\.\d{3}\d+$/],
  // The last second ends with the run, and no row follows it.
  [/seconds\.hlog$/, /^-?\d+\.\d{3},[\d.]+$/],
  // The least age of those that were not seen moves nothing within its bucket.
  [/hlog$/, /^#\[Censored: /],
];

describe("an edit of one digit", () => {
  test("of any file is found by the manifest", async () => {
    const folder = folderOf("whole");
    for (const name of await readdir(folder, { recursive: true })) {
      const path = join(folder, name);
      const text = await readFile(path, "utf8").catch(() => "");
      const step = Math.max(1, Math.ceil((text.match(/\d/g)?.length ?? 0) / 3));
      for (const edit of editsOf(text, step)) {
        await writeFile(path, edit.text);
        const { differences } = await verifyBundle(folder, () => protocol);
        expect(differences.length, `${name} at ${edit.at}`).toBeGreaterThan(0);
      }
      if (text !== "") await writeFile(path, text);
    }
    expect((await verifyBundle(folder, () => protocol)).differences).toEqual([]);
  });

  test("of a log or the environment is found by the manifest alone", async () => {
    const folder = folderOf("whole");
    const path = join(folder, "environment.json");
    const text = await readFile(path, "utf8");
    const [edit] = editsOf(text);
    await writeFile(path, edit?.text ?? "");
    const { differences } = await verifyBundle(folder, () => protocol);
    expect(differences[0]).toMatchObject({ file: "environment.json", key: "its SHA-256" });
    await writeFile(join(folder, "manifest.json"), formatJson(await buildManifest(folder)));
    expect((await verifyBundle(folder, () => protocol)).differences).toEqual([]);
    await writeFile(path, text);
    await writeFile(join(folder, "manifest.json"), formatJson(await buildManifest(folder)));
  });

  /** Which files of which bundle, and every how manieth digit. */
  const edited = [
    ["whole", /^local_benchmark/, 1],
    ["whole", /^timeseries.csv$/, 1],
    ["whole", /^host-load.csv$/, 1],
    ["whole", /^summary.json$/, 1],
    ["whole", /^parameters.json$/, 1],
    ["whole", /^summary.txt$/, 4],
    ["whole", /^events.ndjson$/, 1],
    ["whole", /hlog$/, 7],
    ["crashes", /^local_benchmark/, 3],
    ["crashes", /stretch.*hlog$/, 7],
  ] as const;

  test.each(edited)("with a manifest made anew, is found all the same: some of %s, %s", (name, which, step) =>
    expectFound(name, which, 7 * step),
  );

  test.each(edited)(
    "with a manifest made anew, is found all the same: %s, %s",
    { tags: "full" },
    expectFound,
  );

  async function expectFound(name: string, which: RegExp, step: number): Promise<void> {
    const files = await readFiles(folderOf(name));
    const missed: string[] = [];
    let edits = 0;
    for (const [file, text] of files) {
      if (!which.test(file)) continue;
      for (const edit of editsOf(text, step)) {
        edits++;
        const { differences } = verifyFiles(new Map([...files, [file, edit.text]]), () => protocol);
        const line = lineUpTo(edit.text, edit.at);
        const isListed = saidOnce.some((once) => once[0].test(file) && once[1].test(line));
        if (differences.length > 0 || isListed || isSameHistogram(text, edit.text, edit.at)) continue;
        missed.push(`${file}: ${line}`);
      }
    }
    expect(edits).toBeGreaterThan(5);
    expect(missed).toEqual([]);
  }
});
