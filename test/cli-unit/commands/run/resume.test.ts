import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runBenchmark } from "../../../../src/cli/commands/run/benchmark.ts";
import type { CommandBackend } from "../../../../src/cli/terminal/command-backend.ts";
import { sweepParameters, validRun } from "../../../results/sample-results.ts";
import { storeBundle } from "../../../results/stored-bundle.ts";
import { makeTemporaryFolder } from "../../../results/temporary-folder.ts";
import { runAlone } from "../../command-setting.ts";

/** CommandBackend that stop a command where its nodes would be placed. */
const backend: Partial<CommandBackend> = {
  lock: async () => ({ [Symbol.asyncDispose]: async () => {} }),
  chooseDeployer: async () => ({ diagnostics: [{ code: "check-failed", message: "This far." }] }),
};

test("--resume refuses a bundle that does not say how often its loads run", async () => {
  await using folder = await makeTemporaryFolder();
  const bundle = await storeBundle(folder.path, { runs: [validRun], finish: false });
  const path = join(bundle, "parameters.json");
  const { runs, ...others } = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  expect(runs).toBe(1);
  await writeFile(path, JSON.stringify(others));
  const { code, diagnostics = [] } = await runAlone(["--resume", bundle], {
    command: runBenchmark,
    name: "benchmark",
  });
  expect(code).toBe(2);
  expect(diagnostics).toContainEqual(
    expect.stringMatching(/^runs: 1 is not what the sweep began with, nothing\. /),
  );
});

test("--resume takes an option of the protocol that is given again, and leaves the others as the bundle has them", async () => {
  await using folder = await makeTemporaryFolder();
  const protocolOptions = { ...sweepParameters.protocolOptions, minRoundDelayMs: 60, logSync: "block" };
  const bundle = await storeBundle(folder.path, {
    runs: [validRun],
    finish: false,
    parameters: { ...sweepParameters, protocolOptions },
  });
  const resume = async (option: string) => {
    const argv = ["--resume", bundle, "--protocol-option", option];
    const { diagnostics = [] } = await runAlone(argv, { command: runBenchmark, name: "benchmark", backend });
    return diagnostics;
  };
  expect(await resume("minRoundDelayMs=60")).toEqual(["This far."]);
  expect(await resume("minRoundDelayMs=61")).toEqual([
    expect.stringMatching(/^--protocol-option: \{"min_round_delay_ms":61,.*"log_sync":"block"\} is not what/),
  ]);
});
