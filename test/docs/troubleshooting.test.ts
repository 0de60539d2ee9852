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

test("what the page has of verdicts is what a verdict says", async () => {
  const verdict = await readFile(
    new URL("../../src/results/analysis/verdict/verdict.ts", import.meta.url),
    "utf8",
  );
  const [, table = ""] = page.split("| the reason says |");
  const reasons = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = ""]) => cell.split(", `"));
  expect(reasons.length).toBeGreaterThan(15);
  const phrases = reasons.map((reason) => reason.replaceAll("`", ""));
  expect(phrases.filter((phrase) => !verdict.includes(phrase))).toEqual([]);
});
