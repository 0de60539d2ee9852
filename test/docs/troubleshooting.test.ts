/** docs/troubleshooting.md has every error code, and no other. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { errorCodes } from "../../src/core/error-codes.ts";
import { readPage } from "./pages.ts";

const page = readPage("docs/troubleshooting.md");

test("codes are in order, of one form, each once", () => {
  for (const code of errorCodes) expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
  expect([...new Set(errorCodes)].sort()).toEqual([...errorCodes]);
});

test("every code has a heading, every heading is a code, and what to do stands below it", () => {
  const headings = [...page.matchAll(/^### (.*)\n\n(.*)$/gm)];
  const shown = headings.flatMap(([, names = ""]) => names.split(", "));
  expect(shown.toSorted()).toEqual([...errorCodes]);
  for (const [, names, text = ""] of headings) expect(text, names).toMatch(/^[A-Z"`].{40}/);
});

test.each([
  { module: "verdict", table: 1, least: 15 },
  { module: "native-verdict", table: 2, least: 9 },
])("what the page has of verdicts is what $module says", async ({ module, table, least }) => {
  const file = new URL(`../../src/results/analysis/verdict/${module}.ts`, import.meta.url);
  const source = await readFile(file, "utf8");
  const rows = page.split("| the reason says |")[table] ?? "";
  const reasons = [...rows.matchAll(/^\| (.*?) \|/gm)].flatMap(
    ([, cell = ""]) => cell.match(/`[^`]+`/g) ?? [],
  );
  expect(reasons.length).toBeGreaterThanOrEqual(least);
  const phrases = reasons.map((reason) => reason.replaceAll("`", ""));
  expect(phrases.filter((phrase) => !source.includes(phrase))).toEqual([]);
});
