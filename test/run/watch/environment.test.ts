import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "../../../src/core/process/command.ts";
import { readToolFacts } from "../../../src/run/watch/environment.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

const facts = { version: "1.2.3", node: process.version };
const env = {
  PATH: process.env.PATH,
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@b",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@b",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

async function git(folder: string, ...args: string[]): Promise<string> {
  return (await runCommand(["git", "-C", folder, ...args], { env, timeoutMs: 10_000 })).stdout.trim();
}

test("a checkout has its commit; a folder in somebody else's checkout, or without git, has none", async () => {
  await using folder = await openTemporaryFolder();
  await git(folder.path, "init", "--quiet");
  expect(await readToolFacts({ nodeVersion: process.version, version: "1.2.3", env }, folder.path)).toEqual(
    facts,
  );
  await git(folder.path, "commit", "--quiet", "--allow-empty", "--message", "first");
  const commit = await git(folder.path, "rev-parse", "HEAD");
  expect(await readToolFacts({ nodeVersion: process.version, version: "1.2.3", env }, folder.path)).toEqual({
    ...facts,
    commit,
  });
  const inside = join(folder.path, "node_modules", "baleen");
  await mkdir(inside, { recursive: true });
  expect(await readToolFacts({ nodeVersion: process.version, version: "1.2.3", env }, inside)).toEqual(facts);
  expect(
    await readToolFacts(
      { nodeVersion: process.version, version: "1.2.3", env: { PATH: "/nowhere" } },
      folder.path,
    ),
  ).toEqual(facts);
});
