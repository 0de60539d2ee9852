import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runHistory } from "../../../../src/cli/commands/results/history.ts";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import { historyEntries, type KeyedEntry } from "../../../../src/results/analysis/history/entries.ts";
import { readHistoryEntries } from "../../../../src/results/history/read-bundle.ts";
import { addToHistory } from "../../../../src/results/history/store.ts";
import { runOf } from "../../../results/sample-comparisons.ts";
import { keyed, sampleEntries } from "../../../results/sample-history.ts";
import { storeBundle } from "../../../results/stored-bundle.ts";
import { makeTemporaryFolder } from "../../../results/temporary-folder.ts";
import { runAlone } from "../../command-setting.ts";

const history = (argv: readonly string[], json = false) =>
  runAlone(argv, { command: runHistory, name: "history", settings: { json } });

/** Twelve entries of five runs before the bundle's, of the same series. */
async function fill(folder: string, bundle: string): Promise<void> {
  const [own] = (await readHistoryEntries(bundle)) as [KeyedEntry];
  const before = Array.from({ length: 12 }, (_, index): KeyedEntry[] => {
    const timestamp = new Date(Date.parse(own.entry.at) - (20 - index) * 86_400_000).toISOString();
    const runs = [0, 1, 2, 3, 4].map((run): RunResult => {
      const wave = ((index * 5 + run) % 7) / 10;
      return { ...runOf({ throughputTps: 95 + wave, meanMs: 45 + wave }), timestamp };
    });
    const named = { run: `run${index}`, bundle: `b${index}`, runs, machines: own.series.machines };
    return historyEntries(named).map(({ entry }) => ({ series: own.series, entry }));
  });
  await addToHistory(folder, before.flat());
}

async function setting(factor: number, count = 5) {
  const folder = await makeTemporaryFolder();
  const runs = Array.from({ length: count }, (_, index) => ({
    ...runOf({ throughputTps: (95 + index / 10) * factor, meanMs: 45 + index / 10 }),
    benchmarkNumber: index + 1,
    repetition: index + 1,
  }));
  const bundle = await storeBundle(folder.path, { runs });
  const kept = join(folder.path, "history");
  await fill(kept, bundle);
  return { folder, bundle, flags: [`--history=${kept}`] };
}

test("a slower bundle is a regression with exit code 3, for people, pipelines and comments", async () => {
  const { folder, bundle, flags } = await setting(0.9);
  await using _folder = folder;
  const [junit, markdown] = [join(folder.path, "new", "h.xml"), join(folder.path, "h.md")];
  const { code, stdout } = await history([
    "check",
    bundle,
    ...flags,
    `--junit=${junit}`,
    `--markdown=${markdown}`,
  ]);
  expect(code).toBe(3);
  expect(stdout).toMatch(/throughput, tx\/s .* -10\.\d% <0\.001 .* 12 regression/);
  expect(stdout).toMatch(
    /Regression: throughput: -10\.\d%, 95\.3 tx\/s → 85\.7 tx\/s, against 12 entries \(entry 13\)/,
  );
  expect(stdout).toMatch(/REGRESSION: \d metrics checked, 1 × regression$/m);
  expect(await readFile(junit, "utf8")).toMatch(/<failure type="regression" message="throughput: -10/);
  const comment = await readFile(markdown, "utf8");
  expect(comment).toMatch(/^\*\*Regression\*\*: \d metrics checked/);
  expect(comment).toMatch(/- \*\*Regression\*\*: <code>throughput: -10/);
  const document = JSON.parse((await history(["check", bundle, ...flags], true)).stdout);
  expect(document).toMatchObject({ schema: "baleen.history-check/1", passed: false });
  expect(document.series[0].metrics[0]).toMatchObject({
    metric: "throughput",
    outcome: "regression",
    worse: true,
  });
});

test("a faster one is an improvement, the same one no change", async () => {
  const faster = await setting(1.1);
  await using _faster = faster.folder;
  const improved = await history(["check", faster.bundle, ...faster.flags]);
  expect(improved).toMatchObject({ code: 0 });
  expect(improved.stdout).toMatch(/Improvement: throughput: \+\d/);
  const same = await setting(1);
  await using _same = same.folder;
  const unchanged = await history(["check", same.bundle, ...same.flags]);
  expect(unchanged).toMatchObject({ code: 0 });
  expect(unchanged.stdout).toMatch(/NO REGRESSION: \d metrics checked$/m);
});

test("from fewer than five runs it is suspect, which fails nothing", async () => {
  const { folder, bundle, flags } = await setting(0.8, 2);
  await using _folder = folder;
  const { code, stdout } = await history(["check", bundle, ...flags]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/suspect, worse/);
  expect(stdout).toMatch(/2 runs here: with five or more/);
});

test("without history there is nothing to compare with", async () => {
  const { folder, bundle } = await setting(1);
  await using _folder = folder;
  const { code, stdout } = await history(["check", bundle, `--history=${join(folder.path, "none")}`]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/NOTHING TO COMPARE WITH/);
});

test("list, show and prune tell of what was added", async () => {
  await using folder = await makeTemporaryFolder();
  const flags = [`--history=${folder.path}`];
  expect((await history(["list", ...flags])).stdout).toMatch(/There is no history in .*history add BUNDLE/);
  const entries = sampleEntries({
    count: 40,
    factor: (metric, place) => (metric === "p50Latency" && place > 20 ? 1.1 : 1),
    system: (place) => ({ min_round_delay_ms: place > 20 ? "55" : "50" }),
  });
  await addToHistory(folder.path, keyed(entries));
  const listed = await history(["list", ...flags]);
  expect(listed.stdout).toMatch(
    /0123456789ab +40 .*worse: p50 latency \+1\d\.\d% .* from entry 21; changed there: min_round_delay_ms 50 → 55/,
  );
  const shown = await history(["show", "0123", ...flags]);
  expect(shown.stdout).toMatch(/^ *21 .*commit21.*p50 latency worse$/m);
  const markdown = join(folder.path, "s.md");
  await history(["show", ...flags, `--markdown=${markdown}`]);
  expect(await readFile(markdown, "utf8")).toMatch(/- <code>Worse: p50 latency \+1.* from entry 21/);
  const svg = await history(["show", ...flags, "--svg=p50-latency"]);
  expect(svg.stdout).toMatch(/^<svg .*p50 latency.*worse/s);
  const sheet = await history(["show", ...flags, "--svg=all"]);
  expect(sheet.stdout).toMatch(/throughput.*memory per node/s);
  const document = JSON.parse((await history(["show", ...flags], true)).stdout) as object;
  expect(document).toMatchObject({ changes: [{ metric: "p50_latency", place: 21, worse: true }] });
  expect((await history(["prune", ...flags, "--keep=5"])).stdout).toBe("Entries removed: 35, left: 5\n");
  const pruned = JSON.parse((await history(["list", ...flags], true)).stdout);
  expect(pruned.series[0]).toMatchObject({ entries: 5, load: 50 });
});

test("a bundle whose numbers do not follow from each other is not added, nor any beside it", async () => {
  const { folder, bundle } = await setting(1);
  await using _folder = folder;
  const kept = join(folder.path, "other");
  const { code, diagnostics } = await history(["add", bundle, "nowhere", `--history=${kept}`]);
  expect(code).toBe(2);
  expect(diagnostics).toHaveLength(2);
  expect(diagnostics?.[1]).toMatch(/nowhere: .*no such file/);
  expect(diagnostics?.[0]).toMatch(/numbers in it did not follow from the others, first .*npx baleen verify/);
  expect((await history(["list", `--history=${kept}`])).stdout).toMatch(/no history/);
});

test.each([
  [["add"], ["the bundle is missing. Use: history add BUNDLE"]],
  [["lst"], ['"lst": unknown subcommand. Did you mean list?']],
  [["list", "more"], ['"more": history list takes no argument. Remove it.']],
  [["prune"], ["history prune: use either --keep ENTRIES or --before DATE."]],
  [
    ["prune", "--keep=1", "--before=2026-01-01"],
    ["history prune: use either --keep ENTRIES or --before DATE."],
  ],
  [["list", "--keep=3"], ['--keep: "history list" does not use it. Remove it.']],
])("%j is refused", async (argv, messages) => {
  await using folder = await makeTemporaryFolder();
  const { code, diagnostics } = await history([...argv, `--history=${folder.path}`]);
  expect(code).toBe(2);
  expect(diagnostics).toEqual(messages);
});

test("a date that is none and a series that is unknown are refused", async () => {
  await using folder = await makeTemporaryFolder();
  const dated = await history(["prune", "--before=yesterday", `--history=${folder.path}`]);
  expect(dated.diagnostics?.join()).toMatch(/--before: .*a date such as 2026-01-31/);
  const named = await history(["show", "beef", `--history=${folder.path}`]);
  expect(named.diagnostics).toEqual([
    `history show: "beef" stands for 0 series in ${folder.path}. Name one as npx baleen history list does.`,
  ]);
});
