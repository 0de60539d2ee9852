import { join, resolve } from "node:path";
import type { Calibration } from "../../../contracts/results/calibration.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import type { Diagnostic } from "../../../core/errors.ts";
import { isDriven } from "../../../metrics/stats/run-metrics.ts";
import { checkParameters } from "../../../options/checks/check.ts";
import { number } from "../../../options/rules/number.ts";
import { nodesMakeLoad } from "../../../options/rules/protocol-choice.ts";
import { calibrateLoads } from "../../../results/analysis/comparison/calibrate.ts";
import { runsForVerdict } from "../../../results/analysis/comparison/compare-verdict.ts";
import {
  buildCalibrationJson,
  calibrationName,
  writeCalibration,
} from "../../../results/bundle/comparison-files.ts";
import { bundleName } from "../../../results/bundle/open-bundle.ts";
import { formatCalibration } from "../../../results/report/blocks/calibration.ts";
import { newRunId } from "../../../run/prepare/backend.ts";
import { openSweep, prepareSweeps, type RunContext } from "../../../run/prepare/prepare.ts";
import { type CheckedSweep, checkSystem } from "../../../run/prepare/system.ts";
import { describeEnvironment } from "../../../run/watch/environment.ts";
import { calibratedRuns } from "../../options/command-options.ts";
import { checkDashboard } from "../../options/dashboard.ts";
import { besideChecks } from "../../terminal/beside.ts";
import { type Command, exitCodeOf, printFound } from "../../terminal/context.ts";
import { openReportFiles } from "../results/report-files.ts";
import { runContext, showSweep } from "./sweep.ts";

const runsOfSide = number({ unit: "runs", whole: true, atLeast: runsForVerdict, atMost: 500 });

/**
 * `calibrate`: one sweep with twice the runs, as two sides that take turns, and what they differ by. Its bundle is kept
 * in a folder with calibration.json.
 * @throws ConfigurationError with all diagnostics of command line and environment: nothing was started
 */
export const runCalibrate: Command = async (request, context, backend) => {
  const { runs: givenRuns, ...given } = request.given;
  const runsASide = request.read(runsOfSide, givenRuns, calibratedRuns);
  const checked = checkSystem(given, backend, (values, limits) =>
    checkParameters(values, limits, request.hosts),
  );
  const parameters = { ...checked.parameters, runs: 2 * runsASide };
  const { networkType, outputDir, fileOutput, strict } = parameters;
  const diagnostics = [
    ...request.diagnostics,
    ...checked.diagnostics,
    ...refuseCalibration(checked),
    ...checkDashboard(context, parameters),
  ];
  const run = newRunId();
  const own = runContext(context);
  const { protocol } = checked;
  const setting = {
    backend,
    context: own,
    besides: { diagnostics, checks: besideChecks(context) },
  };
  await using prepared = await prepareSweeps(run, [{ protocol, parameters }], setting);
  const name = bundleName({ run, networkType: "calibration", clock: context.clock });
  const folder = fileOutput ? join(resolve(outputDir), name) : undefined;
  const place = folder === undefined ? undefined : { outputDir: folder, name: "runs" };
  await using sweep = await openSweep(prepared.sweeps[0], place, setting);
  // A calibration has none of them.
  const noReports = openReportFiles({ ...request, given: {} });
  // With --json the one document is the calibration.
  const style = { whole: true, ...(context.settings.json ? { onDocument: () => {} } : {}) };
  const summary = await showSweep(sweep, { style, context, backend }, noReports);
  const calibration = await conclude(summary.runs.filter(isDriven), networkType, own);
  const path = folder === undefined ? undefined : join(folder, calibrationName);
  if (path !== undefined) await writeCalibration(path, calibration);
  const written = path === undefined ? "" : `\n\nCalibration: ${path}`;
  printFound(
    context,
    () => buildCalibrationJson(calibration),
    `\n${formatCalibration(calibration)}${written}`,
  );
  return exitCodeOf(summary, strict);
};

async function conclude(
  results: readonly RunResult[],
  networkType: Calibration["networkType"],
  context: RunContext,
): Promise<Calibration> {
  const { network, ...environment } = describeEnvironment(await context.tool(), {});
  const timestamp = new Date(context.clock.wallMs()).toISOString();
  return { networkType, timestamp, environment, loads: calibrateLoads(results) };
}

/** A calibration says how far apart runs lie whose every transaction was followed. */
function refuseCalibration({ protocol }: Pick<CheckedSweep, "protocol">): Diagnostic[] {
  if (protocol === undefined || !nodesMakeLoad(protocol)) return [];
  const message = `calibrate: the nodes of ${protocol.name} generate the load themselves, but a calibration needs Baleen's own clients. Use "benchmark", with --runs for several of each load, and "compare".`;
  return [{ code: "native-load", message }];
}
