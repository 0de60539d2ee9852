import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runBenchmark } from "../../../../src/cli/commands/run/benchmark.ts";
import type { CommandBackend } from "../../../../src/cli/terminal/command-backend.ts";
import type { Dialogue } from "../../../../src/cli/terminal/prompt.ts";
import { openOrigin } from "../../../../src/run/prepare/origin.ts";
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

test("--resume runs what a bundle names only if it was made here, and somebody says so", async () => {
  await using folder = await makeTemporaryFolder();
  const parameters = { ...sweepParameters, runtime: "docker", dockerComposePath: "./compose.yaml" } as const;
  const bundle = await storeBundle(folder.path, { runs: [], finish: false, parameters });
  const origin = openOrigin(join(folder.path, "state"));
  const asked: string[] = [];
  const answering = (answer: boolean): Partial<Dialogue> => ({
    confirm: async (question) => {
      asked.push(question);
      return answer;
    },
  });
  const resume = async (flags: readonly string[], dialogue?: Partial<Dialogue>) => {
    const openDialogue = () => dialogue as Dialogue | undefined;
    const all = { ...backend, origin, openDialogue };
    const setting = { command: runBenchmark, name: "benchmark", backend: all } as const;
    return await runAlone(["--resume", bundle, ...flags], setting);
  };
  const elsewhere = await resume(["--yes"], answering(true));
  expect(elsewhere.diagnostics).toEqual([
    `--resume ${bundle}: this bundle names programs to run (compose file ./compose.yaml), and you did not make it on this machine, or its parameters have changed. Begin a new sweep with a description and programs that you trust.`,
  ]);
  expect(asked).toEqual([]);

  await origin.mark(bundle, parameters);
  expect((await resume([])).diagnostics).toEqual([
    `--resume ${bundle}: the sweep runs programs that the bundle names (compose file ./compose.yaml), and there is no terminal to ask whether it may. Check them, and confirm with --yes.`,
  ]);
  const refused = await resume([], answering(false));
  expect([refused.code, refused.stderr]).toEqual([
    2,
    "The bundle names what its nodes run:\n  compose file ./compose.yaml\nNothing was started.\n",
  ]);
  expect((await resume([], answering(true))).diagnostics).toEqual(["This far."]);
  expect(asked).toEqual(["Run it?", "Run it?"]);
  expect((await resume(["--yes"])).diagnostics).toEqual(["This far."]);
});

test("--yes without --resume is refused", async () => {
  const { diagnostics } = await runAlone(["--yes"], { command: runBenchmark, name: "benchmark", backend });
  expect(diagnostics).toContain('--yes: "benchmark without --resume" does not use it. Remove it.');
});

test("--resume takes links that are given again, and refuses others", async () => {
  await using folder = await makeTemporaryFolder();
  const links = { name: "delay 5ms", document: { default: { delay: "5ms" } } };
  const shape = { runs: [validRun], parameters: { ...sweepParameters, links }, finish: false };
  const bundle = await storeBundle(folder.path, shape);
  const resume = async (...more: string[]) => {
    const argv = ["--resume", bundle, ...more];
    const { diagnostics } = await runAlone(argv, { command: runBenchmark, name: "benchmark", backend });
    return diagnostics;
  };
  expect(await resume()).toEqual(["This far."]);
  expect(await resume("--delay", "5ms")).toEqual(["This far."]);
  expect(await resume("--delay", "6ms")).toEqual([
    expect.stringMatching(
      /^--delay: \{"name":"delay 6ms",.* is not what the sweep began with, \{"name":"delay 5ms"/,
    ),
  ]);
});
