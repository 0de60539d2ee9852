import { basename, dirname, join } from "node:path";
import type { ProtocolLimits } from "../../../contracts/protocol-choice.ts";
import type { Variation } from "../../../contracts/results/variation.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { readAssertions } from "../../../options/checks/assertions.ts";
import { checkParameters, givenFrom } from "../../../options/checks/check.ts";
import { type GivenParameters, openParameters } from "../../../options/checks/given.ts";
import { searchTermNames } from "../../../options/checks/search.ts";
import { type ParameterName, rules } from "../../../options/rules/rules.ts";
import {
  type ComparedPair,
  comparePair,
  type PairPart,
} from "../../../results/analysis/comparison/explain-links.ts";
import { type HeldSweep, summaryOf } from "../../../results/analysis/conclude.ts";
import { openSchedule } from "../../../results/analysis/schedule/schedule.ts";
import { readCutOffEnd } from "../../../results/bundle/cut-off.ts";
import { inForm } from "../../../results/bundle/document.ts";
import { bundlesIn, findVariation } from "../../../results/bundle/parts.ts";
import { endOf, readBundle } from "../../../results/bundle/reader.ts";
import { nameSweep } from "../../../results/report/documents/reported-sweep.ts";
import { buildResultsDocument, formatResultsJson } from "../../../results/report/documents/results-json.ts";
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
import { printPair } from "./pair.ts";
import { openReportFiles } from "./report-files.ts";
import { printVariation } from "./variation.ts";
import { openViewFiles, type Viewed } from "./view-files.ts";

interface ReadSweep extends HeldSweep {
  /** What it was held to, as parameters.json has it. */
  readonly former: Readonly<Record<"assert" | "baseline", unknown>>;
  readonly isUnderWay: boolean;
  readonly limits: ProtocolLimits;
}

/** `report BUNDLE`: a sweep that has ended, again: its summary, assertions, and the files for pipelines. */
export const runReport: Command = async (request, context, backend) => {
  const { given } = request;
  // What is wrong with them is told also where the bundle cannot be read.
  request.read(rules.assert, given.assert, []);
  request.read(rules.strict, given.strict, false);
  const reports = openReportFiles(request);
  const views = openViewFiles(request, context.settings.json);
  const hold = async (path: string, signal: AbortSignal) => {
    const sweeps: HeldSweep[] = [];
    for (const part of await bundlesIn(path)) {
      const own = await readSweep(part, backend);
      sweeps.push(await holdTo(own, baselineOfPart(given, path, part), context, signal));
    }
    return { sweeps, variation: await findVariation(path) };
  };
  const { sweeps, variation } = await lookAtBundle(request, hold, context.signal, [
    reports.check,
    views.check,
  ]);
  const shown = sweeps.map((sweep) => ({ ...sweep, summary: summaryOf(sweep) }));
  for (const sweep of shown) {
    const { summary, stored, parameters, baseline } = sweep;
    const varied = variation && variedOf(variation, sweep);
    await reports.write({ summary, strict: parameters.strict, bundle: stored.folder, baseline, varied });
  }
  const chart = await views.write(viewOf(shown, variation));
  if (chart === undefined) notify(shown, variation, context);
  else context.terminal.print(chart);
  const hasFailed = shown.some(({ summary, parameters: { strict } }) => exitCodeOf(summary, strict) !== 0);
  const isHeld = request.given.assert === undefined && variation?.assertions.some(({ passed }) => !passed);
  return hasFailed || isHeld === true ? 3 : 0;
};

/** Of two networks, a baseline has one of each. */
function baselineOfPart(given: GivenParameters, path: string, part: string): GivenParameters {
  const { baseline, ...others } = given;
  const side = basename(part);
  if (typeof baseline?.value !== "string" || path === part || side === "runs") return given;
  // It is held to nothing.
  if (side === "linked") return others;
  return { ...given, baseline: { ...baseline, value: join(baseline.value, side) } };
}

/** `show BUNDLE`: the same, with nothing asserted, judged or written; also of a sweep that was killed, or goes on. */
export const runShow: Command = async (request, context, backend) => {
  const read = async (path: string) => {
    const sweeps: ReadSweep[] = [];
    for (const part of await bundlesIn(path)) sweeps.push(await readSweep(part, backend, true));
    return { sweeps, variation: await findVariation(path) };
  };
  const { sweeps, variation } = await lookAtBundle(request, read, context.signal);
  const unasserted = sweeps.map((sweep) => {
    const { stored, end, parameters } = sweep;
    return { ...sweep, summary: summaryOf({ stored, end, parameters: { ...parameters, assertions: [] } }) };
  });
  notify(unasserted, variation, context);
  return 0;
};

interface ShownSweep extends HeldSweep {
  readonly summary: MeasuredSummary;
  readonly isUnderWay?: boolean;
}

function notify(
  sweeps: readonly ShownSweep[],
  variation: Variation | undefined,
  context: CommandContext,
): void {
  const { terminal, settings } = context;
  const [first, second] = sweeps;
  const areParts = sweeps.length > 1 || variation !== undefined;
  if (settings.json) {
    if (first !== undefined && !areParts) terminal.print(formatResultsJson(...documentOf(first)).trimEnd());
  } else terminal.print(sweeps.map((sweep) => sweepText(sweep, areParts, variation)).join("\n\n"));
  if (first === undefined) return;
  const documents = () =>
    Object.fromEntries(sweeps.map((sweep) => [partOf(sweep), buildResultsDocument(...documentOf(sweep))]));
  const folder = dirname(first.stored.folder);
  if (variation !== undefined) {
    const summaries = new Map(sweeps.map((sweep) => [partOf(sweep) as string, sweep.summary]));
    printVariation({ variation, folder, summaries, documents }, context);
    return;
  }
  if (second === undefined) return;
  const incomplete = isEarly(first) ? "local" : "remote";
  const comparison = compare(sweeps)?.comparison;
  printPair({ folder, documents, comparison, incomplete }, context);
}

/** Which point of a variation a sweep is. */
function variedOf({ options, points }: Variation, { stored }: Pick<HeldSweep, "stored">) {
  const own = points.find(({ bundle }) => bundle === basename(stored.folder));
  return { options: options.map(({ name }) => name), values: own?.values ?? [] };
}

const isEarly = ({ end }: ShownSweep) => end.endedEarly !== undefined;

/** undefined of one sweep, and where one of the two sides did not come to its end. */
function compare([first, second, linked]: readonly ShownSweep[]): Viewed["compared"] {
  if (first === undefined || second === undefined || isEarly(first) || isEarly(second)) return undefined;
  const sides = { a: sideOf(first), b: sideOf(second) };
  return { comparison: comparePair({ local: sides.a, remote: sides.b, ...explaining(linked) }), sides };
}

function explaining(linked: ShownSweep | undefined): Pick<ComparedPair, "linked" | "unexplained"> {
  if (linked?.end.endedEarly === undefined) return { linked: linked && sideOf(linked) };
  return {
    unexplained: `the local sweep with the remote network's delays ended early: ${linked.end.endedEarly}`,
  };
}

function viewOf(sweeps: readonly ShownSweep[], variation: Variation | undefined): Viewed {
  const [first] = sweeps;
  const varied = variation &&
    first && {
      variation,
      name: basename(dirname(first.stored.folder)),
      summaries: new Map(sweeps.map((sweep) => [partOf(sweep) as string, sweep.summary])),
    };
  return {
    named: sweeps.map((sweep) => ({
      side: basename(sweep.stored.folder),
      varied: variation && variedOf(variation, sweep),
      runs: sweep.summary.runs,
    })),
    sweeps: sweeps.map(({ stored, summary }) => ({ folder: stored.folder, summary })),
    compared: variation === undefined ? compare(sweeps) : undefined,
    variation: varied,
  };
}

const networkOf = (networkType: string, folder: string) =>
  basename(folder) === "linked" ? `${networkType}, with the remote network's delays` : networkType;

const partOf = ({ stored }: ShownSweep) => basename(stored.folder) as PairPart;

function documentOf({ summary, stored: { folder, parameters: fields } }: ShownSweep) {
  const parameters = Object.fromEntries(fields.keys().map((key) => [key, fields.value(key)]));
  return [summary, { parameters, bundle: folder }] as const;
}

function sweepText(sweep: ShownSweep, isPart: boolean, variation: Variation | undefined): string {
  const { summary, stored, parameters, isUnderWay } = sweep;
  const head =
    variation === undefined
      ? `Network Type: ${networkOf(summary.networkType, stored.folder)}`
      : `Point: ${nameSweep({ summary, varied: variedOf(variation, sweep) })}`;
  return [
    ...(isPart ? [head, ""] : []),
    formatClosing(summary, parameters),
    "",
    ...endedEarlySection(summary, isUnderWay ? "UNDER WAY" : "ENDED EARLY"),
    `Results: ${formatForeign(stored.folder)}`,
  ].join("\n");
}

const sideOf = ({ summary: { networkType, runs }, stored }: ShownSweep) => ({
  path: stored.folder,
  networkType,
  runs,
});

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

/** A sweep with its own parameters. @param mayLackEnd else one that has not ended is refused */
async function readSweep(
  path: string,
  backend: Pick<CommandBackend, "openProtocol">,
  mayLackEnd = false,
): Promise<ReadSweep> {
  const stored = await readBundle(path);
  if (!mayLackEnd) endOf(stored, path);
  const file = `${stored.folder}/parameters.json`;
  const { assert, baseline, ...values } = inForm(file, () => parseParametersJson(stored.parameters));
  const own = Object.entries(values).filter(([name]) => asked.has(name));
  const limits = limitsOfKept(parseProtocol(stored.parameters), backend);
  const { parameters, diagnostics } = checkParameters(givenFrom(Object.fromEntries(own)), limits);
  const [wrong] = diagnostics;
  if (wrong !== undefined) throw new BundleReadError(file, wrong.message);
  const { end } = stored;
  const { plannedRuns } = openSchedule(parameters);
  const known =
    end === undefined ? await readCutOffEnd(stored, { path, plannedRuns }) : { end, isUnderWay: false };
  return { stored, ...known, parameters, limits, former: { assert, baseline } };
}

/** What is given counts; else what the sweep itself was held to. */
async function holdTo(
  own: ReadSweep,
  given: GivenParameters,
  context: CommandContext,
  signal: AbortSignal,
): Promise<HeldSweep> {
  const { stored, end } = own;
  const former = givenFrom(given.assert === undefined ? own.former : {});
  const reader = openParameters({ ...former, ...given });
  const strict = reader.take("strict", own.parameters.strict);
  const held = readAssertions(own.parameters, reader, own.limits);
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
