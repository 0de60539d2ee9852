import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { formatLibrary, listExports } from "../scripts/library-text.ts";

test("docs/library.md lists what the library exports (node scripts/reference.ts writes it)", async () => {
  const page = await readFile(new URL("../docs/library.md", import.meta.url), "utf8");
  expect(await formatLibrary()).toBe(page);
});

test("each export has a description", async () => {
  const exports = await listExports();
  expect(exports.length).toBeGreaterThan(80);
  expect(exports.filter(({ summary, folder }) => summary === "" || folder === "")).toEqual([]);
});
