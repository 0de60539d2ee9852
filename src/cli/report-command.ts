import { evaluateAssertions } from "../benchmark/assertions.ts";
import type { SideRuns } from "../benchmark/compare.ts";
import { reportSearch } from "../benchmark/schedule.ts";
import { parseParametersJson } from "../bundle/parse-parameters.ts";
import { type BundleEnd, inForm, readBundle, type StoredBundle } from "../bundle/reader.ts";
import type { SweepSummary } from "../bundle/summary-json.ts";
import { readAssertions } from "../config/assertion-checks.ts";
import { type GivenParameters, givenFrom } from "../config/check.ts";
import type { SweepParameters } from "../config/parameters.ts";
import { openReader } from "../config/rule.ts";
import { rules } from "../config/rules.ts";
import { readSearch } from "../config/search.ts";
import type { Fault } from "../core/errors.ts";
import { formatClosingTables } from "../report/closing-tables.ts";
import { formatResultsJson } from "../report/results-json.ts";
import { endedEarlySection } from "../report/summary-text.ts";
import { openBaselineAt } from "./baseline.ts";
import { endOf } from "./compare-command.ts";
import { type CommandContext, type CommandRequest, type ExitCode, exitCodeOf } from "./context.ts";
import { preflight } from "./preflight.ts";
import { openReportFiles } from "./report-files.ts";

/** A bundle whose sweep came to an end, and what it is held to. */
interface HeldSweep extends Pick<SweepParameters, "assertions" | "strict" | "loadsTps" | "search"> {
  readonly stored: StoredBundle;
  readonly end: BundleEnd;
  readonly baseline?: SideRuns | undefined;
}

/** `report BUNDLE`: a sweep that has ended, again: its summary, assertions, and the files for pipelines. */
export async function runReport(request: CommandRequest, context: CommandContext): Promise<ExitCode> {
  const { given, words } = request;
  const [path] = words;
  const reports = openReportFiles(given);
  const reader = openReader();
  // What is wrong with them is told also where the bundle cannot be read.
  reader.read(rules.assert, given.assert, []);
  const strict = reader.read(rules.strict, given.strict, undefined);
  let sweep: HeldSweep | undefined;
  const look = async (signal: AbortSignal): Promise<readonly Fault[]> => {
    if (path === undefined) return [];
    const found = await holdTo(path, given, signal);
    sweep = { ...found.sweep, strict: strict ?? found.sweep.strict };
    return found.faults;
  };
  const known = [...request.faults, ...reader.faults, ...reports.faults];
  await preflight(known, [look, reports.check], context.signal);
  if (sweep === undefined) throw new TypeError("no bundle was read, and no reason given");
  const { stored, end, baseline } = sweep;
  const { folder, runs } = stored;
  const assertions = evaluateAssertions({ ...sweep, runs, baseline: baseline?.runs });
  const search = sweep.search && reportSearch(runs, sweep.search);
  const summary: SweepSummary = { ...end, runs, search, assertions };
  await reports.write({ summary, strict: sweep.strict, bundle: folder, baseline });
  show(summary, stored, context);
  return exitCodeOf(summary, sweep.strict);
}

function show(
  summary: SweepSummary,
  { folder, parameters }: StoredBundle,
  { terminal, settings }: CommandContext,
): void {
  if (settings.json) {
    const published = Object.fromEntries(parameters.keys().map((key) => [key, parameters.value(key)]));
    terminal.print(formatResultsJson(summary, { parameters: published, bundle: folder }).trimEnd());
    return;
  }
  terminal.print(
    [formatClosingTables(summary), "", ...endedEarlySection(summary), `Results: ${folder}`].join("\n"),
  );
}

/** What is given counts; else what the sweep itself was held to. */
async function holdTo(
  path: string,
  given: GivenParameters,
  signal: AbortSignal,
): Promise<{ readonly sweep: HeldSweep; readonly faults: readonly Fault[] }> {
  const stored = await readBundle(path);
  const end = endOf(stored, path);
  const { values, strict, loadsTps } = inForm(`${stored.folder}/parameters.json`, () => {
    const values = parseParametersJson(stored.parameters);
    const loadsTps = values.search === true ? undefined : stored.parameters.list("loads", Number);
    return { values, strict: stored.parameters.flag("strict"), loadsTps };
  });
  const own = givenFrom(
    given.assert === undefined ? { assert: values.assert, baseline: values.baseline } : {},
  );
  const reader = openReader();
  const search = readSearch(givenFrom(values), openReader());
  const asked = readAssertions({ ...own, ...given }, loadsTps, reader);
  const held = { assertions: asked.assertions, loadsTps: loadsTps ?? [] };
  const opened = openBaselineAt(asked.baseline, () => ({ ...held, runs: stored.runs }));
  const faults = [...reader.faults, ...(await opened.check(signal))];
  return { sweep: { stored, end, strict, search, ...held, baseline: opened.side() }, faults };
}
