import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as library from "../src/index.ts";

test("the library exports these values, and no others", async () => {
  const names = Object.keys(library).sort();
  await expect(`${names.join("\n")}\n`).toMatchFileSnapshot("public-api.golden.txt");
});

test("each function and class that it exports is described where it is declared", async () => {
  const sources = join(import.meta.dirname, "..", "src");
  const files = (await readdir(sources, { recursive: true })).filter((name) => name.endsWith(".ts"));
  const texts = await Promise.all(files.map((name) => readFile(join(sources, name), "utf8")));
  const exported = Object.entries(library).filter(([, value]) => typeof value === "function");
  const bare = exported.filter(([name]) => {
    const described = new RegExp(
      `\\*/\\nexport (?:async )?(?:abstract )?(?:function|class|const) ${name}\\b`,
    );
    return !texts.some((text) => described.test(text));
  });
  expect(bare.map(([name]) => name)).toEqual([]);
});
