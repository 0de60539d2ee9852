import type { SideRuns } from "../benchmark/compare.ts";
import { concludeSweep } from "../benchmark/conclude.ts";
import { parseParametersJson } from "../bundle/parse-parameters.ts";
import { parseProtocol } from "../bundle/protocol-json.ts";
import { BundleReadError } from "../bundle/read-error.ts";
import { type BundleEnd, inForm, readBundle, type StoredBundle } from "../bundle/reader.ts";
import type { SweepSummary } from "../bundle/summary-json.ts";
import { readAssertions } from "../config/assertion-checks.ts";
import { checkParameters, type GivenParameters, givenFrom } from "../config/check.ts";
import type { SweepParameters } from "../config/parameters.ts";
import { openReader } from "../config/rule.ts";
import { type ParameterName, rules } from "../config/rules.ts";
import { searchTermNames } from "../config/search.ts";
import type { Fault } from "../core/errors.ts";
import { formatClosingTables } from "../report/closing-tables.ts";
import { formatResultsJson } from "../report/results-json.ts";
import { endedEarlySection } from "../report/summary-text.ts";
import { openBaselineAt } from "./baseline.ts";
import { endOf } from "./compare-command.ts";
import { type CommandContext, type CommandRequest, type ExitCode, exitCodeOf } from "./context.ts";
import { preflight } from "./preflight.ts";
import { openReportFiles } from "./report-files.ts";
import type { Rooms } from "./rooms.ts";
import { limitsOfKept } from "./system.ts";

/** A bundle whose sweep came to an end, and what it is held to. */
interface HeldSweep {
  readonly stored: StoredBundle;
  readonly end: BundleEnd;
  readonly parameters: SweepParameters;
  readonly baseline?: SideRuns | undefined;
}

/** `report BUNDLE`: a sweep that has ended, again: its summary, assertions, and the files for pipelines. */
export async function runReport(
  request: CommandRequest,
  context: CommandContext,
  rooms: Pick<Rooms, "openProtocol">,
): Promise<ExitCode> {
  const { given, words } = request;
  const [path] = words;
  const reports = openReportFiles(given);
  const reader = openReader();
  // What is wrong with them is told also where the bundle cannot be read.
  reader.read(rules.assert, given.assert, []);
  reader.read(rules.strict, given.strict, false);
  let sweep: HeldSweep | undefined;
  const look = async (signal: AbortSignal): Promise<readonly Fault[]> => {
    if (path === undefined) return [];
    const warn = (message: string) => context.terminal.note(`warning: ${message}`);
    const found = await holdTo(path, given, { signal, rooms, warn });
    sweep = found.sweep;
    return found.faults;
  };
  const known = [...request.faults, ...reader.faults, ...reports.faults];
  await preflight(known, [look, reports.check], context.signal);
  if (sweep === undefined) throw new TypeError("no bundle was read, and no reason given");
  const { stored, end, parameters, baseline } = sweep;
  const { folder, runs } = stored;
  const { strict } = parameters;
  const summary: SweepSummary = { ...end, runs, ...concludeSweep(runs, parameters, baseline) };
  await reports.write({ summary, strict, bundle: folder, baseline });
  show(summary, sweep, context);
  return exitCodeOf(summary, strict);
}

function show(
  summary: SweepSummary,
  { stored, parameters }: HeldSweep,
  { terminal, settings }: CommandContext,
): void {
  const { folder, parameters: fields } = stored;
  if (settings.json) {
    const published = Object.fromEntries(fields.keys().map((key) => [key, fields.value(key)]));
    terminal.print(formatResultsJson(summary, { parameters: published, bundle: folder }).trimEnd());
    return;
  }
  const lines = [formatClosingTables(summary, parameters), "", ...endedEarlySection(summary)];
  terminal.print([...lines, `Results: ${folder}`].join("\n"));
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

interface Holding {
  readonly signal: AbortSignal;
  readonly rooms: Pick<Rooms, "openProtocol">;
  readonly warn: (message: string) => void;
}

/** What is given counts; else what the sweep itself was held to. */
async function holdTo(
  path: string,
  given: GivenParameters,
  { signal, rooms, warn }: Holding,
): Promise<{ readonly sweep: HeldSweep; readonly faults: readonly Fault[] }> {
  const stored = await readBundle(path);
  const end = endOf(stored, path);
  const file = `${stored.folder}/parameters.json`;
  const { assert, baseline: before, ...values } = inForm(file, () => parseParametersJson(stored.parameters));
  const own = Object.entries(values).filter(([name]) => asked.has(name));
  const limits = limitsOfKept(parseProtocol(stored.parameters), rooms);
  const checked = checkParameters(givenFrom(Object.fromEntries(own)), limits);
  const [wrong] = checked.faults;
  if (wrong !== undefined) throw new BundleReadError({ path: file, reason: wrong.message });
  const reader = openReader();
  const strict = reader.read(rules.strict, given.strict, checked.parameters.strict);
  const former = givenFrom(given.assert === undefined ? { assert, baseline: before } : {});
  const held = readAssertions({ ...former, ...given }, checked.parameters, reader);
  const parameters = { ...checked.parameters, ...held, strict };
  // The bundle is worth as much without its own baseline, which may long be gone.
  const onUnreadable = given.baseline === undefined ? warn : undefined;
  const use = () => ({ ...parameters, runs: stored.runs });
  const baseline = openBaselineAt(held.baseline, use, onUnreadable);
  const faults = [...reader.faults, ...(await baseline.check(signal))];
  return { sweep: { stored, end, parameters, baseline: baseline.side() }, faults };
}
