import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runBenchmark } from "../../src/cli/benchmark-command.ts";
import { validRun } from "../bundle/sample-results.ts";
import { storeBundle } from "../bundle/stored-bundle.ts";
import { makeTemporaryFolder } from "../bundle/temporary-folder.ts";
import { runAlone } from "./command-setting.ts";

test("--resume refuses a bundle that does not say how often its loads run", async () => {
  await using folder = await makeTemporaryFolder();
  const bundle = await storeBundle(folder.path, { runs: [validRun], finish: false });
  const path = join(bundle, "parameters.json");
  const { runs, ...others } = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  expect(runs).toBe(1);
  await writeFile(path, JSON.stringify(others));
  const { code, faults = [] } = await runAlone(["--resume", bundle], {
    command: runBenchmark,
    name: "benchmark",
  });
  expect(code).toBe(2);
  expect(faults).toContainEqual(
    expect.stringMatching(/^runs: 1 is not what the sweep began with, nothing\. /),
  );
});
