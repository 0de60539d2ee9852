/** A history by the built command, over bundles of real runs; and one of ten thousand entries, with its times. */
import { appendFile, cp } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { HistoryEntry } from "../../src/contracts/results/history.ts";
import { checkHistory } from "../../src/results/analysis/history/check.ts";
import { addToHistory, readHistory } from "../../src/results/history/store.ts";
import { keyed, sampleEntries, sampleSeries } from "../results/sample-history.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { openSetting } from "./setting.ts";

test("bundles are verified, added once, checked, and refused where somebody changed them", async () => {
  await using setting = await openSetting();
  const { home } = setting;
  const history = (...argv: readonly string[]) => setting.start("baleen", ["history", ...argv]).ended;
  const options = ["--loads=20,40", "--duration=1", "--warm-up=0.5", "--drain=10", "--tag=commit=abc"];
  const made = await setting.start("benchmark", options).ended;
  expect([0, 3]).toContain(made.code);
  const added = await history("add", "last");
  expect(
    added.stdout.match(/^Added to [0-9a-f]{12}: .*mysticeti on a local network \(process\)/gm),
  ).toHaveLength(2);
  // Made elsewhere, under another name.
  const copy = join(home, "copy");
  await cp(await setting.bundle(), copy, { recursive: true });
  const again = await history("add", "copy");
  expect(again.stdout.match(/^In [0-9a-f]{12} already/gm)).toHaveLength(2);
  const [first, second, ...others] = await readHistory(join(home, "history"));
  expect(others).toEqual([]);
  for (const stored of [first, second]) {
    expect(stored?.entries).toHaveLength(1);
    expect(stored?.entries[0]).toMatchObject({ tags: { commit: "abc" }, counted: 1 });
    const measured = [expect.any(Number)];
    expect(stored?.entries[0]?.values).toMatchObject({ memory: measured, cpuPerTransaction: measured });
  }
  const checked = await history("check", "last");
  expect(checked.code).toBe(0);
  expect(checked.stdout).toMatch(/NOTHING TO COMPARE WITH/);
  const ofLoads = await history("list", "--json");
  expect(JSON.parse(ofLoads.stdout)).toMatchObject({
    schema: "baleen.history-list/1",
    series: [{ entries: 1 }, { entries: 1 }],
  });
  await appendFile(join(copy, "summary.txt"), "edited");
  const refused = await history("add", "copy", `--history=${join(home, "other")}`);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/copy.*summary\.txt/);
  expect(await readHistory(join(home, "other"))).toEqual([]);
}, 120_000);

test("ten thousand single runs: an add takes less than 50 ms, a check less than a second", async () => {
  await using folder = await makeTemporaryFolder();
  const count = 10_000;
  const step = (metric: string, place: number) => (metric === "throughput" && place > count - 300 ? 0.95 : 1);
  const entries = sampleEntries({ count: count + 20, runs: 1, factor: step });
  await addToHistory(folder.path, keyed(entries.slice(0, count)));
  const timed = async (work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  const adds: number[] = [];
  for (const entry of entries.slice(count))
    adds.push(await timed(() => addToHistory(folder.path, keyed([entry]))));
  const before = process.cpuUsage();
  const [stored] = await readHistory(folder.path);
  const entry = { ...(entries.at(-1) as HistoryEntry), at: "2030-01-01T00:00:00.000Z" };
  const history = stored?.entries ?? [];
  const [checked] = checkHistory([{ series: sampleSeries, entry, entries: history }], [sampleSeries], {});
  const used = process.cpuUsage(before);
  expect(checked?.place).toBe(count + 21);
  // The shortest, and CPU time of what does not wait for a disk: other programs would make both longer.
  const [add, check] = [Math.min(...adds), (used.user + used.system) / 1000];
  process.stdout.write(`${count} entries: add ${add.toFixed(1)} ms, check ${check.toFixed(0)} ms of CPU\n`);
  expect(add).toBeLessThan(50);
  expect(check).toBeLessThan(1_000);
});
