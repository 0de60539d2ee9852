import { access, readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { formatHelp } from "../../src/validator/settings.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFile(root + path, "utf8");
const readme = await read("README.md");

test("the library example is the one that is type-checked and run", async () => {
  const [, shown] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  const example = await read("examples/library.ts");
  expect(shown).toBe(example.slice(example.indexOf("import")));
});

test("every flag it names is in the help of a command or of the validator", async () => {
  const folder = `${root}test/cli-unit/`;
  const helps = (await readdir(folder)).filter((name) => name.startsWith("help-"));
  const texts = await Promise.all(helps.map((name) => readFile(folder + name, "utf8")));
  const known = new Set([...texts, formatHelp()].join("\n").match(/--[a-z][a-z-]+/g));
  const named = new Set(readme.match(/--[a-z][a-z-]+/g));
  expect(named.size).toBeGreaterThan(10);
  expect([...named].filter((flag) => !known.has(flag))).toEqual([]);
});

test("every file it links to and every npm script it names is there", async () => {
  const links = [...readme.matchAll(/\]\(([^):]+)\)/g)].map(([, path]) => path ?? "");
  expect(links.length).toBeGreaterThan(0);
  for (const path of links) await access(root + path);
  const { scripts } = JSON.parse(await read("package.json")) as { scripts: Record<string, string> };
  const named = [...readme.matchAll(/npm (?:run )?(start|test|build|check|format|pack)\b/g)];
  expect(named.map(([, name]) => name ?? "").filter((name) => !(name in scripts))).toEqual([]);
});
