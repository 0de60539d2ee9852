/** The usage examples of local networks, run to their end; flags that follow make them short. */
import { execFile } from "node:child_process";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { openDockerSetting, whyNoDocker } from "./docker-setting.ts";
import { openSetting } from "./setting.ts";
import { composeExamples, localExamples, shorten } from "./usage-examples.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test.each(localExamples)("$line", async (example) => {
  await using setting = await openSetting();
  const { binary, args, env } = example;
  const { code, stdout } = await setting.start(binary, [...args, ...shorten(example)], { env }).ended;
  expect(code).toBe(0);
  if (binary === "benchmark") expect(stdout).toContain("BENCHMARK RESULT #3\n");
  else expect(stdout).toContain("Successful transactions: 50\n");
  await setting.expectNothingLeft();
});

describe.skipIf(whyNoDocker !== undefined)(`with a compose file ${whyNoDocker ?? ""}`, () => {
  test.each(composeExamples)("$line", async (example) => {
    await using setting = await openDockerSetting();
    await copyFile(join(root, "compose", "docker-compose.yml"), join(setting.home, "docker-compose.yml"));
    const { binary, args } = example;
    const command = setting.start(binary, [...args, ...shorten(example)]);
    const { code, stdout } = await command.ended;
    expect([code, command.seen.stderr.match(/^error: .*/gm)]).toEqual([0, null]);
    expect(stdout).toContain("Successful transactions: 50\n");
  });
});

test.each(["benchmark", "local-network", "remote-network"])(
  "npx finds %s in the project's folder",
  async (binary) => {
    const { stdout } = await promisify(execFile)("npx", ["--no", binary, "--version"], { cwd: root });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  },
);
