import { basename, join } from "node:path";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { HeldPoint, Variation } from "../../contracts/results/variation.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { holdAgainstPoint } from "../../results/analysis/assertions/against-point.ts";
import { openSchedule } from "../../results/analysis/schedule/schedule.ts";
import { writeFileAtomically } from "../../results/bundle/files/atomic-file.ts";
import { writeVariation, writeVariationPage } from "../../results/bundle/parts.ts";
import { drawResources } from "../../results/page/resource-pictures.ts";
import { measuredVariation, variationPage } from "../../results/page/variation-page.ts";
import type { MeasuredSummary } from "../../results/schema/summary.ts";
import type { CheckedPoint, CheckedVariation } from "../prepare/points.ts";
import type { PreparedSweep, PrepareSetting } from "../prepare/prepare.ts";
import { type PartsOutcome, runParts, type SweepPart, type Turn } from "./parts.ts";

export interface VariationOutcome extends PartsOutcome<string> {
  readonly variation: Variation;
}

/**
 * A sweep for each point, each whole, with a bundle of its own in one folder, and variation.json beside them. That is
 * written before the first one and after each, so that it is right whenever this ends; at the end a page of all, and a
 * picture of what nodes use.
 *
 * @param turns whose runs come when, if the points take turns; otherwise each is done before the next
 * @throws ConfigurationError with all diagnostics of all points: nothing was started
 */
export async function runVariation(
  { options, points }: CheckedVariation,
  { turns, ...setting }: PrepareSetting & { readonly turns?: readonly Turn[] | undefined },
  conduct: (point: string, sweep: PreparedSweep) => Promise<MeasuredSummary>,
): Promise<VariationOutcome> {
  const names = folderNames(points);
  const held = baselinePoint(points);
  const parts = points.map((point, place): SweepPart<string> => {
    const name = names[place] ?? point.name;
    const isLast = turns !== undefined || place === points.length - 1;
    const parameters = parametersOf(point, { name, isLast, isHeld: held !== undefined });
    return { name, request: { ...point.request, parameters } };
  });
  const [first, ...others] = parts;
  if (first === undefined) throw new InvalidArgumentError("a variation without points");
  const { name, tags } = first.request.parameters;
  let variation: Variation = {
    ...(name === undefined ? {} : { name }),
    ...(tags === undefined ? {} : { tags }),
    options,
    points: points.map(({ values }, place) => ({ values, bundle: names[place] ?? "", status: "not-run" })),
    assertions: [],
  };
  const onProgress = async ({ folder, summaries }: PartsOutcome<string>, begun: ReadonlySet<string>) => {
    const statusOf = (bundle: string) =>
      summaries.has(bundle) ? "finished" : begun.has(bundle) ? "ended-early" : "not-run";
    const reached = variation.points.map((point) => ({ ...point, status: statusOf(point.bundle) }) as const);
    variation = { ...variation, points: reached };
    if (folder !== undefined) await writeVariation(folder, variation);
  };
  const outcome = await runParts([first, ...others], {
    ...{ ...setting, kind: "variation", turns, conduct, onProgress },
  });
  const { folder, summaries } = outcome;
  if (held !== undefined) {
    variation = { ...variation, baseline: held, assertions: holdPoints(held, { points, names }, summaries) };
    if (folder !== undefined) await writeVariation(folder, variation);
  }
  if (folder !== undefined && summaries.size > 0) {
    const view = { variation, name: basename(folder), summaries, isBesidePoints: true };
    await writeVariationPage(folder, await variationPage(view));
    const { files, notes } = await drawResources(measuredVariation(view).resources);
    for (const [name, content] of files) await writeFileAtomically(join(folder, name), content);
    for (const note of notes) setting.context.warn(note);
  }
  return { ...outcome, variation };
}

/** A run of each at a time, forth and back: A B B A A B. None is always the first, and none always the last. */
export function turnsOf(parts: readonly Pick<SweepPart<string>, "request">[]): readonly Turn[] {
  const counts = parts.map(({ request }) => openSchedule(request.parameters).plannedRuns ?? 0);
  const rounds = Array.from({ length: Math.max(0, ...counts) }, (_, round) => {
    const turns = counts.flatMap((count, part) => (round < count ? [{ part, untilRuns: round + 1 }] : []));
    return round % 2 === 0 ? turns : turns.toReversed();
  });
  return rounds.flat();
}

/** Folder of the point that is the baseline of the others; undefined where there is none, or it is an earlier bundle. */
export function baselinePoint(points: readonly CheckedPoint[]): string | undefined {
  const given = points[0]?.request.parameters.baseline;
  return given === undefined ? undefined : folderNames(points).find((name) => name === basename(given));
}

function holdPoints(
  baseline: string,
  { points, names }: { readonly points: readonly CheckedPoint[]; readonly names: readonly string[] },
  summaries: ReadonlyMap<string, MeasuredSummary>,
): readonly HeldPoint[] {
  const reference = summaries.get(baseline);
  if (reference === undefined) return [];
  return names.flatMap((bundle, place) => {
    const summary = summaries.get(bundle);
    if (summary === undefined || bundle === baseline) return [];
    const assertions = points[place]?.request.parameters.assertions ?? [];
    return holdAgainstPoint(assertions, { bundle, runs: summary.runs, baseline: reference.runs });
  });
}

interface PointPlace {
  readonly name: string;
  readonly isLast: boolean;
  /** Another point is its baseline, which is known when all are measured. */
  readonly isHeld: boolean;
}

function parametersOf({ request }: CheckedPoint, { name, isLast, isHeld }: PointPlace): SweepParameters {
  const { parameters } = request;
  const { baseline, assertions } = parameters;
  return {
    ...parameters,
    // As between two loads: what goes on running would take part in the next measurement.
    ...(isLast ? {} : { cleanup: "thorough" }),
    ...(isHeld ? { baseline: undefined, assertions: assertions.filter(({ relative }) => !relative) } : {}),
    // An earlier variation has the same points.
    ...(baseline === undefined || isHeld ? {} : { baseline: join(baseline, name) }),
  };
}

const longestName = 100;

/** Names of folders like those of the points, with what a file system may refuse left out; each once. */
function folderNames(points: readonly CheckedPoint[]): readonly string[] {
  const plain = points.map(({ name }) => name.replace(/[^\w.,=+%-]/g, "_").slice(0, longestName));
  return plain.map((name, place) => (plain.indexOf(name) === place ? name : `${name}~${place + 1}`));
}
