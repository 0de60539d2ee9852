/** docs/troubleshooting.md has every error code, and no other. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { findCodes } from "./error-codes.ts";
import { readPage } from "./pages.ts";

const { codes, unknown } = findCodes();
const page = readPage("docs/troubleshooting.md");

test("every code in the sources is of a form that can be looked up", () => {
  expect(unknown).toEqual([]);
  for (const code of codes.keys()) expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
  expect(codes.size).toBeGreaterThan(100);
});

test("every code has a heading, every heading is a code, and what to do stands below it", () => {
  const headings = [...page.matchAll(/^### (.*)\n\n(.*)$/gm)];
  const shown = headings.flatMap(([, names = ""]) => names.split(", "));
  expect(shown.filter((code) => !codes.has(code))).toEqual([]);
  expect([...codes.keys()].filter((code) => !shown.includes(code)).sort()).toEqual([]);
  expect(shown.filter((code, index) => shown.indexOf(code) < index)).toEqual([]);
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
