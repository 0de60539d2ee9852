import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { formatReference } from "../../scripts/reference-text.ts";
import { binaryNames, commandNames } from "../../src/cli/options/command-table.ts";
import { options } from "../../src/cli/options/option-table.ts";

const root = new URL("../../", import.meta.url);

test("docs/reference.md is what the tables say: node scripts/reference.ts writes it", async () => {
  expect(await readFile(new URL("docs/reference.md", root), "utf8")).toBe(formatReference());
});

test("it names every command, and every option", () => {
  const text = formatReference();
  for (const name of commandNames) expect(text).toContain(`\n### baleen ${name}\n`);
  for (const { name } of options) expect(text).toMatch(new RegExp(`^\\| \`--(\\[no-\\])?${name}[ \`]`, "m"));
  // A bar in a cell would make a cell more.
  for (const row of text.match(/^\| `--.*$/gm) ?? []) expect(row.match(/(?<!\\)\|/g), row).toHaveLength(7);
});

test("programs of their own are those of the package", async () => {
  const { bin } = JSON.parse(await readFile(new URL("package.json", root), "utf8")) as { bin: object };
  expect(Object.keys(bin).sort()).toEqual(["baleen", ...binaryNames].sort());
});
