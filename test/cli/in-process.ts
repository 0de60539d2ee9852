/** A benchmark or a calibration in the test's own process, on stand-in nodes, so that a "remote" network needs no hosts. */

import { join } from "node:path";
import { runBenchmark } from "../../src/cli/commands/run/benchmark.ts";
import { runCalibrate } from "../../src/cli/commands/run/calibrate.ts";
import { gatherOptions } from "../../src/cli/options/sources.ts";
import type { CommandBackend } from "../../src/cli/terminal/command-backend.ts";
import { openCommandBackend } from "../../src/cli/terminal/command-backend.ts";
import type { CommandContext } from "../../src/cli/terminal/context.ts";
import { openTerminal } from "../../src/cli/terminal/terminal.ts";
import type { Deployer } from "../../src/contracts/deployment.ts";
import type { Protocol } from "../../src/contracts/protocol.ts";
import { systemClock } from "../../src/core/clock.ts";
import { ConfigurationError } from "../../src/core/errors.ts";
import { createProcessDeployer } from "../../src/deploy/process/deployer.ts";
import { RecordedStream } from "../cli-unit/streams.ts";
import type { Behaviour } from "../stand-in/config.ts";
import { buildStandInProtocol } from "../stand-in/protocol.ts";

export interface InProcess {
  /** Holds state and benchmarks/. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly json?: boolean;
  /** Of the nodes, or of each by its index; left out: quick, and without a fault. */
  readonly behaviour?: Behaviour | ((index: number) => Behaviour);
  /** In place of the stand-ins' own. */
  readonly protocol?: Protocol;
  /** Texts of the files that options name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Default 1. */
  readonly nodes?: number;
  /** Stands between the sweep and the deployer of each side. */
  readonly wrap?: (deployer: Deployer, networkType: "local" | "remote") => Deployer;
  /** Called with all that was told so far; ends the command where it says so. */
  readonly interruptWhen?: (stderr: string) => boolean;
}

const quick: Behaviour = { replyDelayMs: 1, commit: { kind: "after", ms: 20 } };

/** One host over SSH, as the environment names it; nothing ever connects to it. */
export const oneHost = { MYSTICETI_NODE0_HOST: "127.0.0.1" };

/** Runs `benchmark`. @returns its exit code, 2 with its faults, or "interrupted", and what it said */
export async function benchmark(argv: readonly string[], setting: InProcess) {
  return await runInProcess("benchmark", argv, setting);
}

/** The same for `calibrate`. */
export async function calibrate(argv: readonly string[], setting: InProcess) {
  return await runInProcess("calibrate", argv, setting);
}

const commands = { benchmark: runBenchmark, calibrate: runCalibrate };

async function runInProcess(command: keyof typeof commands, argv: readonly string[], setting: InProcess) {
  const {
    folder,
    env = {},
    json = false,
    wrap = (deployer) => deployer,
    behaviour = quick,
    protocol = buildStandInProtocol(behaviour),
    nodes = 1,
    files = {},
    interruptWhen,
  } = setting;
  const stdout = new RecordedStream();
  const stderr = new RecordedStream();
  const interruption = new AbortController();
  const { write } = stderr;
  stderr.write = (text, done) => {
    const written = write(text, done);
    if (interruptWhen?.(stderr.text) === true) interruption.abort(new Error("Interrupted by the test."));
    return written;
  };
  const backend: CommandBackend = {
    ...openCommandBackend({ XDG_STATE_HOME: join(folder, "state") }),
    openProtocol: () => ({ protocol, diagnostics: [] }),
    chooseDeployer: async ({ networkType }) => {
      const stateDir = join(folder, "nodes");
      const deployer = createProcessDeployer({ nodeBinary: process.execPath, stateDir, env: {} });
      return { deployer: wrap(deployer, networkType), diagnostics: [] };
    },
  };
  const args = [
    ...argv,
    `--committee=${nodes}`,
    "--allow-no-faults",
    `--output-dir=${join(folder, "benchmarks")}`,
  ];
  const request = gatherOptions(command, {
    argv: argv.includes("--resume") ? argv : args,
    env,
    home: folder,
    readFile: (path) => files[path] ?? "",
  });
  const context: CommandContext = {
    terminal: openTerminal({ stdout, stderr, env: {}, onBrokenOutput: () => {} }),
    settings: { json, consoleOutput: true, quiet: false, verbose: false, live: true, logFormat: "text" },
    clock: systemClock,
    env,
    version: "0",
    signal: interruption.signal,
    setLeftBehind: () => {},
  };
  const said = () => ({ stdout: stdout.text, stderr: stderr.text });
  try {
    return { code: await commands[command](request, context, backend), diagnostics: [], ...said() };
  } catch (error) {
    if (interruption.signal.aborted) return { code: "interrupted" as const, diagnostics: [], ...said() };
    if (!(error instanceof ConfigurationError)) throw error;
    return { code: 2 as const, diagnostics: error.diagnostics.map(({ message }) => message), ...said() };
  }
}
