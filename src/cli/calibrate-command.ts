import { join, resolve } from "node:path";
import { calibrateLoads } from "../benchmark/calibrate.ts";
import { runsForVerdict } from "../benchmark/compare.ts";
import { describeEnvironment } from "../benchmark/environment.ts";
import { buildCalibrationJson, calibrationName, writeCalibration } from "../bundle/calibration-file.ts";
import { formatJson } from "../bundle/numbers.ts";
import { bundleName, openBundle } from "../bundle/open-bundle.ts";
import { checkParameters } from "../config/check.ts";
import { number, openReader } from "../config/rule.ts";
import type { Calibration } from "../contracts/calibration.ts";
import type { RunResult } from "../contracts/result.ts";
import { formatCalibration } from "../report/calibration.ts";
import { formatRunBlock } from "../report/run-block.ts";
import { commandLine } from "./command-line.ts";
import { type CommandContext, type CommandRequest, type ExitCode, exitCodeOf } from "./context.ts";
import { refuseCalibration } from "./native-sweep.ts";
import { calibratedRuns } from "./option.ts";
import { preflight } from "./preflight.ts";
import type { Rooms } from "./rooms.ts";
import { newRunId } from "./run-id.ts";
import { checkOutput, chooseDeployer, lockMachine } from "./sweep-command.ts";
import { runPrepared } from "./sweep-run.ts";
import { checkSystem } from "./system.ts";
import { readToolFacts } from "./tool-facts.ts";

const runsOfSide = number({ unit: "runs", whole: true, atLeast: runsForVerdict, atMost: 500 });

/**
 * `calibrate`: one sweep with twice the runs, as two sides that take turns, and what they differ by. Its bundle is kept
 * in a folder with calibration.json.
 *
 * @throws ConfigurationError with all faults of command line and environment: nothing was started
 */
export async function runCalibrate(
  request: CommandRequest,
  context: CommandContext,
  rooms: Rooms,
): Promise<ExitCode> {
  const { runs: givenRuns, ...given } = request.given;
  const reader = openReader();
  const runsASide = reader.read(runsOfSide, givenRuns, calibratedRuns);
  const checked = checkSystem(given, rooms, (values, limits) =>
    checkParameters(values, limits, request.hosts),
  );
  const parameters = { ...checked.parameters, runs: 2 * runsASide };
  const { networkType, outputDir, fileOutput, strict } = parameters;
  const run = newRunId();
  const { terminal, settings, clock, signal } = context;
  await using lock = lockMachine(run, networkType, rooms);
  const warn = (message: string) => terminal.note(`warning: ${message}`);
  await using chosen = chooseDeployer({ ...checked, parameters }, { run, warn }, rooms);
  const faults = [...request.faults, ...reader.faults, ...checked.faults, ...refuseCalibration(checked)];
  await preflight(faults, [lock.check, chosen.check, checkOutput(parameters)], signal);
  const name = bundleName({ run, networkType: "calibration", clock });
  const folder = fileOutput ? join(resolve(outputDir), name) : undefined;
  await using bundle =
    folder === undefined
      ? undefined
      : await openBundle({
          outputDir: folder,
          name: "runs",
          networkType,
          run,
          clock,
          command: commandLine(),
        });
  await bundle?.writeParameters(parameters);
  const style = {
    whole: true,
    formatResult: formatRunBlock,
    // With --json the one document is the calibration.
    ...(settings.json ? { onDocument: () => {} } : {}),
  };
  const summary = await runPrepared(
    { run, parameters, ...chosen.choice(), bundle },
    { style, context, rooms },
  );
  const calibration = await conclude(summary.runs, networkType, context);
  const path = folder === undefined ? undefined : join(folder, calibrationName);
  if (path !== undefined) await writeCalibration(path, calibration);
  if (settings.json) terminal.print(formatJson(buildCalibrationJson(calibration)).trimEnd());
  else {
    terminal.print(`\n${formatCalibration(calibration)}`);
    if (path !== undefined) terminal.print(`\nCalibration: ${path}`);
  }
  return exitCodeOf(summary, strict);
}

async function conclude(
  results: readonly RunResult[],
  networkType: Calibration["networkType"],
  context: CommandContext,
): Promise<Calibration> {
  const { network, ...environment } = describeEnvironment(await readToolFacts(context), {});
  const timestamp = new Date(context.clock.wallMs()).toISOString();
  return { networkType, timestamp, environment, loads: calibrateLoads(results) };
}
