import { join } from "node:path";
import type { SweepParameters } from "../../../contracts/parameters.ts";
import { BaleenError, ConfigurationError, type Diagnostic } from "../../../core/errors.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { type Given, openReader } from "../../../options/rules/rule.ts";
import { type HeldSweep, summaryOf } from "../../../results/analysis/conclude.ts";
import { firstStranger, openSchedule } from "../../../results/analysis/schedule/schedule.ts";
import { type HeldBundle, holdBundle } from "../../../results/bundle/continue.ts";
import { inForm } from "../../../results/bundle/document.ts";
import { findBundle } from "../../../results/bundle/find-bundle.ts";
import { findVariation } from "../../../results/bundle/parts.ts";
import { formatAssertions } from "../../../results/report/blocks/assertions.ts";
import { formatResultsJson } from "../../../results/report/documents/results-json.ts";
import {
  buildParametersJson,
  optionsOfKey,
  parseParametersJson,
} from "../../../results/schema/parameters.ts";
import { BundleReadError } from "../../../results/schema/read-error.ts";
import { preflight, refuse } from "../../../run/prepare/preflight.ts";
import type { CheckedSweep } from "../../../run/prepare/system.ts";
import { readOutputDir } from "../../options/command-options.ts";
import { commandLine } from "../../terminal/command-backend.ts";
import { type CommandRequest, type ExitCode, exitCodeOf } from "../../terminal/context.ts";
import { openStoredBaseline } from "../results/report.ts";
import { openReportFiles } from "../results/report-files.ts";
import { confirmPrograms } from "./resumed-programs.ts";
import { runSweepCommand, type SweepSetting } from "./sweep.ts";

type GivenValues = CommandRequest["given"];

/** `benchmark --resume BUNDLE`: goes on with a sweep that ended early, as it began. Finished runs stay as they are. */
export async function runResume(
  bundle: string,
  check: (given: GivenValues) => CheckedSweep,
  setting: SweepSetting,
): Promise<ExitCode> {
  const { request } = setting;
  // What is wrong with it is told with what the bundle's parameters are checked with.
  const outputDir = readOutputDir({ ...request, ...openReader() });
  await using held = await orDiagnostics(request, async () => {
    const path = await findBundle(bundle, outputDir);
    await refuseVariation(path);
    return await holdBundle(path, commandLine());
  });
  const { stored } = held;
  const { diagnostics, ...checked } = await orDiagnostics(request, () =>
    checkAgain(stored, request.given, check),
  );
  const { parameters } = checked;
  refuse([...request.diagnostics, ...diagnostics]);
  const { runs, end } = stored;
  const isComplete = openSchedule(parameters).next(runs) === undefined;
  if (isComplete && end !== undefined && end.endedEarly === undefined) {
    return await reportComplete({ stored, end, parameters }, setting);
  }
  if (!(await confirmPrograms(stored, parameters, setting))) return 2;
  return await runSweepCommand({ ...checked, diagnostics: [], held }, setting);
}

/** Its points are sweeps by themselves. @throws BundleReadError that names the one to go on with */
async function refuseVariation(path: string): Promise<void> {
  const variation = await findVariation(path);
  if (variation === undefined) return;
  const { points } = variation;
  const early = points.find(({ status }) => status === "ended-early");
  const missing = points.filter(({ status }) => status === "not-run").length;
  const reason = [
    "it holds a sweep for each point, and --resume continues one sweep.",
    ...(early === undefined
      ? []
      : [`Continue the one that ended early: --resume ${join(path, early.bundle)}`]),
    ...(missing === 0
      ? []
      : [
          `${missing} of ${points.length} points were not begun or were killed. Measure them with a new --vary.`,
        ]),
  ];
  throw new BundleReadError(path, reason.join(" "));
}

/** Nothing is left to do: says so, and shows and writes what is asked of the results. */
async function reportComplete(
  { stored, end, parameters }: HeldSweep,
  { request, context }: SweepSetting,
): Promise<ExitCode> {
  const { terminal, settings, signal } = context;
  const { runs, folder } = stored;
  const { strict } = parameters;
  const baseline = openStoredBaseline({ stored, parameters }, request.given, context);
  const reports = openReportFiles(request);
  await preflight(request.diagnostics, [baseline.check, reports.check], signal);
  terminal.note(`${formatForeign(folder)} is complete: ${runs.length} of ${runs.length} runs have finished.`);
  const side = baseline.side();
  const summary = summaryOf({ stored, end, parameters, baseline: side });
  const { assertions = [] } = summary;
  await reports.write({ summary, strict, bundle: folder, baseline: side });
  if (settings.json) {
    terminal.print(
      formatResultsJson(summary, { parameters: buildParametersJson(parameters), bundle: folder }),
    );
  } else if (assertions.length > 0) {
    terminal.print(formatAssertions(assertions, runs));
  }
  return exitCodeOf(summary, strict);
}

/** Reports a bundle that cannot be continued as a diagnostic of the command line, beside those already known. */
async function orDiagnostics<T>({ diagnostics }: CommandRequest, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BaleenError)) throw error;
    const diagnostic = { code: error.code, message: `--resume: ${error.message}` };
    throw new ConfigurationError([...diagnostics, diagnostic], { cause: error });
  }
}

/** What the bundle says, with what is given beside it (hosts, above all), and where the two differ. */
function checkAgain(
  stored: HeldBundle["stored"],
  newly: GivenValues,
  check: (given: GivenValues) => CheckedSweep,
): CheckedSweep {
  const path = `${stored.folder}/parameters.json`;
  const values = inForm(path, () => parseParametersJson(stored.parameters));
  // The farthest of all: whatever else is given is seen, and told where it differs.
  // Phases that are given again say what the bundle has as their profile.
  // Links that are given again are whole: their flags do not change those that the bundle has.
  const repeated = optionsOfKey("links").some((option) => newly[option] !== undefined) ? "links" : undefined;
  const known = Object.entries(values).filter(
    ([name]) => name !== repeated && (name !== "profile" || newly.phases === undefined),
  );
  const before = known.map(([name, value]) => [name, { name: `${name} in ${path}`, value, rank: 9 }]);
  const own = Object.fromEntries(before) as Record<string, Given>;
  const { protocolOption: near } = newly;
  const joined = near === undefined ? {} : { protocolOption: withFarther(near, own.protocolOption) };
  const { parameters, diagnostics, ...checked } = check({ ...own, ...newly, ...joined });
  const changed = changes(stored, parameters, newly);
  // Which runs are the sweep's own is known by what it began with.
  const strangers = changed.length > 0 ? [] : otherLoads(stored, parameters);
  return { ...checked, parameters, diagnostics: [...diagnostics, ...changed, ...strangers] };
}

function withFarther(given: Given, last: Given | undefined): Given {
  const { farther } = given;
  return { ...given, farther: farther === undefined ? last : withFarther(farther, last) };
}

/** How hosts are reached, what is left and what results are held to is no matter of what is measured. */
const changeable: ReadonlySet<string> = new Set([
  "host_key_policy",
  "ssh_timeout_secs",
  "cleanup",
  "assertions",
  "baseline",
]);

function changes(
  stored: HeldBundle["stored"],
  parameters: SweepParameters,
  given: GivenValues,
): Diagnostic[] {
  const now = JSON.parse(JSON.stringify(buildParametersJson(parameters))) as Record<string, unknown>;
  const keys = new Set([...Object.keys(now), ...stored.parameters.keys()]);
  return [...keys].flatMap((key) => {
    const asked = stored.parameters.has(key) ? stored.parameters.value(key) : undefined;
    const [before, after] = [asked, now[key]].map((value) => JSON.stringify(value));
    if (before === after || changeable.has(key)) return [];
    const givers = optionsOfKey(key).flatMap((option) => given[option]?.name ?? []);
    const name = givers.length === 0 ? key : givers.join(", ");
    const message = `${name}: ${shorten(after)} is not what the sweep began with, ${shorten(before)}. Remove it, or begin a new sweep: --resume takes all parameters from the bundle.`;
    return [{ code: "contradiction", message }];
  });
}

/** Enough for the names of links and timelines, which come first. */
const mostShown = 200;

const shorten = (json = "nothing") => (json.length > mostShown ? `${json.slice(0, mostShown - 1)}…` : json);

/** Files of runs may have come from another bundle. */
function otherLoads({ folder, runs }: HeldBundle["stored"], parameters: SweepParameters): Diagnostic[] {
  const stranger = firstStranger(runs, parameters);
  if (stranger === undefined) return [];
  const message = `--resume ${folder}: run ${stranger} does not match the load in parameters.json. Begin a new sweep.`;
  return [{ code: "contradiction", message }];
}
