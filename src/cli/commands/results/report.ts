import { formatForeign } from "../../../core/foreign-text.ts";
import { readAssertions } from "../../../options/checks/assertions.ts";
import { checkParameters, givenFrom } from "../../../options/checks/check.ts";
import { type GivenParameters, openParameters } from "../../../options/checks/given.ts";
import { searchTermNames } from "../../../options/checks/search.ts";
import { type ParameterName, rules } from "../../../options/rules/rules.ts";
import { type HeldSweep, summaryOf } from "../../../results/analysis/conclude.ts";
import { endOf, inForm, readBundle } from "../../../results/bundle/reader.ts";
import { formatResultsJson } from "../../../results/report/documents/results-json.ts";
import { endedEarlySection, formatClosing } from "../../../results/report/documents/summary-text.ts";
import { parseParametersJson, parseProtocol } from "../../../results/schema/parameters.ts";
import { BundleReadError } from "../../../results/schema/read-error.ts";
import type { MeasuredSummary } from "../../../results/schema/summary.ts";
import { type Baseline, openBaselineAt } from "../../../run/prepare/baseline.ts";
import { refuse } from "../../../run/prepare/preflight.ts";
import { limitsOfKept } from "../../../run/prepare/system.ts";
import type { CommandBackend } from "../../terminal/command-backend.ts";
import { type Command, type CommandContext, exitCodeOf } from "../../terminal/context.ts";
import { lookAtBundle } from "./named-bundle.ts";
import { openReportFiles } from "./report-files.ts";

interface OwnSweep extends HeldSweep {
  /** What it was held to, as parameters.json has it. */
  readonly former: Readonly<Record<"assert" | "baseline", unknown>>;
}

/** `report BUNDLE`: a sweep that has ended, again: its summary, assertions, and the files for pipelines. */
export const runReport: Command = async (request, context, backend) => {
  const { given } = request;
  // What is wrong with them is told also where the bundle cannot be read.
  request.read(rules.assert, given.assert, []);
  request.read(rules.strict, given.strict, false);
  const reports = openReportFiles(request);
  const hold = async (path: string, signal: AbortSignal) =>
    holdTo(await readSweep(path, backend), given, context, signal);
  const sweep = await lookAtBundle(request, hold, context.signal, [reports.check]);
  const { stored, parameters, baseline } = sweep;
  const { strict } = parameters;
  const summary = summaryOf(sweep);
  await reports.write({ summary, strict, bundle: stored.folder, baseline });
  notify(summary, sweep, context);
  return exitCodeOf(summary, strict);
};

/** `show BUNDLE`: the same, with nothing asserted, judged or written. */
export const runShow: Command = async (request, context, backend) => {
  const sweep = await lookAtBundle(request, (path) => readSweep(path, backend), context.signal);
  const { stored, end, parameters } = sweep;
  notify(summaryOf({ stored, end, parameters: { ...parameters, assertions: [] } }), sweep, context);
  return 0;
};

function notify(
  summary: MeasuredSummary,
  { stored, parameters }: HeldSweep,
  { terminal, settings }: CommandContext,
): void {
  const { folder, parameters: fields } = stored;
  if (settings.json) {
    const published = Object.fromEntries(fields.keys().map((key) => [key, fields.value(key)]));
    terminal.print(formatResultsJson(summary, { parameters: published, bundle: folder }).trimEnd());
    return;
  }
  const lines = [formatClosing(summary, parameters), "", ...endedEarlySection(summary)];
  terminal.print([...lines, `Results: ${formatForeign(folder)}`].join("\n"));
}

/** Which runs a sweep makes, and what it is held to. Where its network was is no matter any more. */
const asked = new Set<string>([
  "loads",
  "runs",
  "search",
  ...searchTermNames,
  "profile",
  "duration",
  "numTransactions",
  "strict",
] satisfies ParameterName[]);

/** A sweep that has ended, with its own parameters. */
async function readSweep(path: string, backend: Pick<CommandBackend, "openProtocol">): Promise<OwnSweep> {
  const stored = await readBundle(path);
  const end = endOf(stored, path);
  const file = `${stored.folder}/parameters.json`;
  const { assert, baseline, ...values } = inForm(file, () => parseParametersJson(stored.parameters));
  const own = Object.entries(values).filter(([name]) => asked.has(name));
  const limits = limitsOfKept(parseProtocol(stored.parameters), backend);
  const { parameters, diagnostics } = checkParameters(givenFrom(Object.fromEntries(own)), limits);
  const [wrong] = diagnostics;
  if (wrong !== undefined) throw new BundleReadError(file, wrong.message);
  return { stored, end, parameters, former: { assert, baseline } };
}

/** What is given counts; else what the sweep itself was held to. */
async function holdTo(
  own: OwnSweep,
  given: GivenParameters,
  context: CommandContext,
  signal: AbortSignal,
): Promise<HeldSweep> {
  const { stored, end } = own;
  const former = givenFrom(given.assert === undefined ? own.former : {});
  const reader = openParameters({ ...former, ...given });
  const strict = reader.take("strict", own.parameters.strict);
  const held = readAssertions(own.parameters, reader);
  const parameters = { ...own.parameters, ...held, strict };
  const baseline = openStoredBaseline({ stored, parameters }, given, context);
  refuse([...reader.diagnostics, ...(await baseline.check(signal))]);
  return { stored, end, parameters, baseline: baseline.side() };
}

/** The bundle is worth as much without its own baseline, which may long be gone: then that is a warning. */
export function openStoredBaseline(
  { stored: { runs }, parameters }: Pick<HeldSweep, "stored" | "parameters">,
  given: GivenParameters,
  { terminal }: CommandContext,
): Baseline {
  const warn = (message: string) => terminal.note(message, "warning");
  const onUnreadable = given.baseline === undefined ? warn : undefined;
  return openBaselineAt(parameters.baseline, () => ({ ...parameters, runs }), onUnreadable);
}
