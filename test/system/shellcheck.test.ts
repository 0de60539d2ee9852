import { execFile, spawnSync } from "node:child_process";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));
const isThere = spawnSync("shellcheck", ["--version"], { stdio: "ignore" }).status === 0;

test("shellcheck has nothing to say of the scripts in examples/", async (context) => {
  if (!isThere) context.skip("no shellcheck is installed; `npm test` as root on Debian installs it");
  const scripts = (await readdir(examples)).filter((name) => name.endsWith(".sh"));
  expect(scripts).toHaveLength(5);
  // One after the other, as an editor does: what they source is found beside them.
  for (const script of scripts) {
    const { stdout } = await promisify(execFile)("shellcheck", [examples + script], { cwd: "/" });
    expect(stdout).toBe("");
  }
});
