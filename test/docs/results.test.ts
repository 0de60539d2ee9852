/** docs/results.md has every form, every column and every event that there is. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { hostLoadTable, secondsTable } from "../../src/results/schema/csv.ts";
import { isDocumentedFile, readPage } from "./pages.ts";

const sources = fileURLToPath(new URL("../../src", import.meta.url));
const page = readPage("docs/results.md");
const words = page.replaceAll(/^```.*?^```$/gms, "");
const named = new Set([...words.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));

test("every form that is published is named", async () => {
  const files = (await readdir(sources, { recursive: true })).filter((file) => file.endsWith(".ts"));
  const texts = await Promise.all(files.map((file) => readFile(join(sources, file), "utf8")));
  const forms = new Set(texts.join("\n").match(/(?<=")baleen\.[a-z-]+\/\d+(?=")/g));
  expect(forms.size).toBeGreaterThan(8);
  expect([...forms].filter((form) => !named.has(form))).toEqual([]);
});

test.each([
  ["timeseries.csv", secondsTable.header],
  ["host-load.csv", hostLoadTable.header],
])("every column of %s is named", (_, header) => {
  expect(header.split(",").filter((column) => !named.has(column))).toEqual([]);
});

test("every event that is kept has a row, no other has one, and those that pass are named", async () => {
  const events = await readFile(join(sources, "contracts/events.ts"), "utf8");
  const parts = events.split("export type KeptBody =");
  const [passing = [], types = []] = parts.map((part) =>
    [...part.matchAll(/readonly type: "([a-z-]+)"/g)].map(([, type = ""]) => type),
  );
  expect(passing.length).toBeGreaterThan(0);
  expect(passing.filter((type) => !named.has(type))).toEqual([]);
  const [, section = ""] = page.split("\n## Events\n");
  const rows = section.split("\n## ")[0]?.match(/^\| `.*? \|/gm) ?? [];
  const shown = rows.flatMap((row) => [...row.matchAll(/`([a-z-]+)`/g)].map(([, type = ""]) => type));
  expect(shown.sort()).toEqual(types.sort());
});

test.each([
  ["local_benchmark_1_100txs.json", true],
  ["remote/remote_benchmark_12_0.5txs.json", true],
  ["local_benchmark_1_64inflight.json", true],
  ["histograms/1-stretch-2-down.hlog", true],
  ["logs/1-node3.log", true],
  ["environment-from-run-2.json", true],
  ["runs/manifest.json", true],
  ["report.html", true],
  ["notes.json", false],
  ["logs/notes.txt", false],
])("of files, %s has a place in it: %s", (path, isThere) => {
  expect(isDocumentedFile(path)).toBe(isThere);
});
