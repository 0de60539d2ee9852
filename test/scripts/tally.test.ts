import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { copyPackage } from "./package-copy.ts";

const vitest = fileURLToPath(new URL("../../node_modules/vitest", import.meta.url));

/** Runs vitest on files of their own and returns its exit code and the tally. */
async function tallyOf(files: Readonly<Record<string, string>>, tagsFilter?: string) {
  await using copy = await copyPackage();
  const header = `import { beforeAll, expect, test } from "${vitest}/dist/index.js";\n`;
  for (const [name, text] of Object.entries(files)) await copy.write(`t/${name}.test.ts`, header + text);
  const file = join(copy.root, "tally.json");
  await copy.write(
    "run.mjs",
    `import { startVitest } from "${vitest}/dist/node.js";
    const options = { config: false, root: ${JSON.stringify(copy.root)}, watch: false, tags: [{ name: "full" }] };
    const reporters = [${JSON.stringify(join(copy.root, "scripts", "tally.mjs"))}];
    const tagsFilter = ${JSON.stringify(tagsFilter === undefined ? undefined : [tagsFilter])};
    await (await startVitest("test", [], { ...options, tagsFilter, reporters })).close();`,
  );
  const { code, stderr } = await copy.run("run.mjs", [], { BALEEN_TEST_TALLY: file });
  const text = await readFile(file, "utf8").catch(() => {
    throw new Error(stderr);
  });
  return { code, tally: JSON.parse(text) as unknown };
}

describe("the tally of a vitest run", () => {
  test("counts what passed and failed, tells how long it took, and names what failed and what was skipped, with the reason", async () => {
    const a = `test("one", () => {});
      test("two", () => expect(1).toBe(2));
      test("three", (context) => context.skip("no engine"));
      test.todo("four");`;
    expect(await tallyOf({ a })).toEqual({
      code: 1,
      tally: {
        passed: 1,
        failed: 1,
        failures: [{ name: "t/a.test.ts: two", message: expect.stringContaining("expected 1 to be 2") }],
        skipped: [{ name: "t/a.test.ts: three", reason: "no engine" }, { name: "t/a.test.ts: four" }],
        tests: [
          { name: "t/a.test.ts: one", durationMs: expect.any(Number) },
          { name: "t/a.test.ts: two", durationMs: expect.any(Number) },
        ],
      },
    });
  });

  test.each([
    ["!full", "brief"],
    ["full", "long"],
  ])("of the part %s takes no notice of the other part", async (part, name) => {
    const a = `test("brief", () => {}); test("long", { tags: "full" }, () => {});`;
    const tests = [{ name: `t/a.test.ts: ${name}`, durationMs: expect.any(Number) }];
    expect(await tallyOf({ a }, part)).toEqual({
      code: 0,
      tally: { passed: 1, failed: 0, failures: [], skipped: [], tests },
    });
  });

  test.each([
    ["a file that cannot be loaded", `import "./nowhere.ts";`],
    ["a hook that fails", `beforeAll(() => { throw new Error("hook"); }); test("one", () => {});`],
    ["an error outside every test", `test("one", () => { Promise.reject(new Error("stray")); });`],
  ])("%s counts as failed", async (_, broken) => {
    expect(await tallyOf({ broken })).toMatchObject({
      code: 1,
      tally: { failed: 1, failures: [expect.anything()] },
    });
  });
});
