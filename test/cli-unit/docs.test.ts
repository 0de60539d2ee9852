/** What the pages of docs/ have their readers write and run is what the commands take. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runValidate } from "../../src/cli/commands/setup/validate.ts";
import { gatherOptions } from "../../src/cli/options/sources.ts";
import { openCommandBackend } from "../../src/cli/terminal/command-backend.ts";
import { checkParameters } from "../../src/options/checks/check.ts";
import { checkSystem } from "../../src/run/prepare/system.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { blocksOf, commandsOf, readGuide } from "../support/guide.ts";
import { runAlone } from "./command-setting.ts";

const validate = (path: string) => runAlone([path], { command: runValidate, name: "validate" });

test("the file of docs/configuration.md is right as it is printed", async () => {
  await using folder = await makeTemporaryFolder();
  const [text = ""] = blocksOf("configuration.md", "yaml");
  const path = join(folder.path, "bench.yaml");
  await writeFile(path, text);
  const { code, stdout } = await validate(path);
  expect(code).toBe(0);
  expect(stdout).toContain("\n  Network: remote, 4 nodes on 2 hosts\n  Loads: 100, 200, 500 tx/s\n");
  await writeFile(path, text.replace("interval:", "intervall:"));
  expect((await validate(path)).code).toBe(2);
});

describe("docs/your-own-node.md", () => {
  const guide = readGuide();

  async function follow(folder: string, step: number): Promise<string> {
    const path = join(folder, "my-node", "my-node.yaml");
    await mkdir(join(folder, "my-node"), { recursive: true });
    await writeFile(join(folder, "my-node", "node.mjs"), guide.node);
    await writeFile(path, guide.descriptions[step] ?? "");
    return path;
  }

  test("the description lacks transactions after its first step, and is right after each further one", async () => {
    await using folder = await makeTemporaryFolder();
    expect(guide.descriptions).toHaveLength(5);
    const path = await follow(folder.path, 0);
    const asPrinted = (diagnostics: readonly string[] = []) =>
      diagnostics.map((diagnostic) => `error: ${diagnostic.replace(path, "my-node/my-node.yaml")}\n`);
    const [missing] = asPrinted((await validate(path)).diagnostics);
    await writeFile(path, guide.descriptions[0]?.replace(`\${sequencer.rpc}`, `\${sequencer.url}`) ?? "");
    const both = asPrinted((await validate(path)).diagnostics);
    expect(new Set(both)).toEqual(new Set([missing, expect.stringContaining("unknown variable")]));
    for (const diagnostic of both) expect(guide.text).toContain(`\n${diagnostic}`);
    for (let step = 1; step < guide.descriptions.length; step++) {
      const { code, stdout } = await validate(await follow(folder.path, step));
      expect([step, code]).toEqual([step, 0]);
      expect(stdout).toContain(`  Commits: ${step === 1 ? "not observed" : "observed"}`);
    }
  });

  test("every benchmark that it runs is one, of the description as it stands at its end", async () => {
    await using folder = await makeTemporaryFolder();
    const description = await follow(folder.path, guide.descriptions.length - 1);
    const commands = commandsOf("your-own-node.md", "benchmark").filter((argv) =>
      argv.includes("my-node/my-node.yaml"),
    );
    expect(commands).toHaveLength(4);
    expect(commands.at(-1)).toContain("--failover");
    const backend = openCommandBackend({ PATH: process.env.PATH ?? "" });
    for (const command of commands) {
      const argv = command.map((word) => (word === "my-node/my-node.yaml" ? description : word));
      const texts: Record<string, string> = { [description]: guide.descriptions.at(-1) ?? "" };
      const readFile = (path: string) => texts[path] ?? "";
      const { given, diagnostics } = gatherOptions("benchmark", {
        argv,
        env: {},
        home: "/home/me",
        readFile,
      });
      const checked = checkSystem(given, backend, (found, limits) => checkParameters(found, limits));
      expect([...diagnostics, ...checked.diagnostics]).toEqual([]);
    }
  });
});
