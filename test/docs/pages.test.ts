/** What the pages for users name is there: flags, files, headings, scripts. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { formatHelp } from "../../src/validator/node/settings.ts";
import { codeBlocks, contributorPages, pages, readPage } from "./pages.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFile(root + path, "utf8");

/** Flags of other programs. */
const foreign = new Set([
  "--allow-loopback-in-peer-connection",
  "--data-binary",
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-features",
  "--disable-renderer-backgrounding",
  "--double",
  "--lose",
  "--network",
  "--project",
  "--storage",
  "--to",
]);

test("the library example is the one that is type-checked and run", async () => {
  const [shown] = codeBlocks("README.md").filter(({ language }) => language === "ts");
  const example = await read("examples/library.ts");
  expect(shown?.text).toBe(example.slice(example.indexOf("import")));
});

test("the README is short", () => {
  expect(readPage("README.md").split("\n").length).toBeLessThanOrEqual(200);
});

test.each(pages)("every flag that %s names is in the help of a command or of the validator", async (page) => {
  const folder = `${root}test/cli-unit/help/`;
  const helps = (await readdir(folder)).filter((name) => name.startsWith("help-"));
  const texts = await Promise.all(helps.map((name) => readFile(folder + name, "utf8")));
  const negated = texts.map((text) => text.replaceAll("--[no-]", "--no-"));
  const known = new Set([...texts, ...negated, formatHelp()].join("\n").match(/--[a-z][a-z-]+/g));
  const named = new Set(readPage(page).match(/(?<![\w-])--[a-z][a-z-]+/g));
  expect([...named].filter((flag) => !known.has(flag) && !foreign.has(flag))).toEqual([]);
});

test.each([...pages, ...contributorPages, "CHANGELOG.md"])(
  "every place that %s links to is there",
  (page) => {
    const links = [...readPage(page).matchAll(/\]\(([^):\s]+)\)/g)].map(([, link = ""]) => link);
    for (const link of links) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : join(dirname(page), path);
      expect(existsSync(root + target), link).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(target), link).toContain(anchor);
    }
  },
);

// What test/README.md names stands below test/.
test.each(contributorPages.filter((page) => page !== "test/README.md"))(
  "every file and folder that %s names is there",
  (page) => {
    const named = [
      ...readPage(page).matchAll(/`((?:src|test|scripts|docs|schema|tools|benchmarks)\/[\w./-]+)`/g),
    ];
    expect(named.map(([, path = ""]) => path).filter((path) => !existsSync(root + path))).toEqual([]);
  },
);

test("every test that a promise names is there", async () => {
  const [, table = ""] = readPage("test/README.md").split("## Where each promise is held");
  const files = await readdir(`${root}test`, { recursive: true });
  const named = [...table.matchAll(/`([\w-]+\/[\w/-]*)\*?`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((path) => !files.some((file) => file.startsWith(path)))).toEqual([]);
});

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return [...readPage(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("every page of docs/ is linked from the README, and every npm script that it names is there", async () => {
  const readme = readPage("README.md");
  expect(pages.filter((page) => page !== "README.md" && !readme.includes(`(${page})`))).toEqual([]);
  const { scripts } = JSON.parse(await read("package.json")) as { scripts: Record<string, string> };
  const named = [...readme.matchAll(/npm (?:run )?(start|test|build|check|format|pack)\b/g)];
  expect(named.map(([, name]) => name ?? "").filter((name) => !(name in scripts))).toEqual([]);
});
