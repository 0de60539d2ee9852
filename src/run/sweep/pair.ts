import { join } from "node:path";
import type { LinksParameters, SweepParameters } from "../../contracts/parameters.ts";
import type { Comparison, SideRuns } from "../../contracts/results/comparison.ts";
import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import { describeError } from "../../core/errors.ts";
import { comparePair, type PairPart } from "../../results/analysis/comparison/explain-links.ts";
import { writeComparison } from "../../results/bundle/comparison-files.ts";
import { comparisonPage } from "../../results/page/comparison-page.ts";
import { formatComparison } from "../../results/report/blocks/comparison.ts";
import type { MeasuredSummary } from "../../results/schema/summary.ts";
import { linksLikeRuns } from "../prepare/links-like.ts";
import { planNetwork } from "../prepare/plan-network.ts";
import type { CheckedNetwork, PreparedSweep, PrepareSetting, SweepRequest } from "../prepare/prepare.ts";
import { runParts, type SweepPart } from "./parts.ts";

export type SideName = SweepParameters["networkType"];

export interface PairOptions {
  /** After both, the local network once more, with the delays that the remote one had between its hosts. */
  readonly explainLinks: boolean;
  /** How these delays are made; undefined: the first mechanism that a trial accepts. */
  readonly mechanism?: LinksParameters["mechanism"];
}

export interface PairOutcome {
  /** Holds local/, remote/ and, with `explainLinks`, linked/; absent where nothing is written. */
  readonly folder?: string | undefined;
  /** Of those that came to their end. */
  readonly summaries: Readonly<Partial<Record<PairPart, MeasuredSummary>>>;
  /** Absent where a side ended early: halves would be compared. */
  readonly comparison?: Comparison | undefined;
  /** What ended a sweep early; of the one with measured links, both sides are compared all the same. */
  readonly error?: unknown;
}

/**
 * The same loads on the local network and then on the remote one, each a whole sweep with a bundle of its own in one
 * folder, and their comparison.
 * @throws ConfigurationError with all diagnostics of both: nothing was started
 */
export async function runPair(
  requests: Readonly<Record<SideName, SweepRequest>>,
  { explainLinks, mechanism }: PairOptions,
  setting: PrepareSetting,
  conduct: (part: PairPart, sweep: PreparedSweep) => Promise<MeasuredSummary>,
): Promise<PairOutcome> {
  const { backend } = setting;
  const asked = (side: SideName) => ({ ...requests[side], parameters: parametersOf(requests, side) });
  const withLinks = (links: LinksParameters) => linkedParameters(requests, { ...links, mechanism });
  let unexplained: string | undefined;
  const linked: SweepPart<PairPart> = {
    name: "linked",
    request: { ...requests.local, parameters: withLinks(someDelay) },
    settle: (planned, ended) => {
      const links = measuredLinks(requests, ended.get("remote")?.runs ?? []);
      if (links !== undefined) return relinked(planned, withLinks(links), backend.findProgram);
      unexplained = "the remote runs measured no round trip between hosts. Use several hosts.";
      return undefined;
    },
  };
  const outcome = await runParts<PairPart>(
    [
      { name: "local", request: asked("local") },
      { name: "remote", request: asked("remote") },
      ...(explainLinks ? [linked] : []),
    ],
    { ...setting, kind: "both", conduct },
  );
  const { folder, error } = outcome;
  const summaries: PairOutcome["summaries"] = Object.fromEntries(outcome.summaries);
  if (error !== undefined) {
    if (summaries.local === undefined || summaries.remote === undefined) return { folder, summaries, error };
    unexplained = `the local sweep with the remote network's delays ended early: ${describeError(error)}`;
  }
  const sideOf = (part: PairPart): SideRuns => ({
    path: folder === undefined ? part : join(folder, part),
    networkType: part === "remote" ? "remote" : "local",
    runs: summaries[part]?.runs ?? [],
  });
  const sides = { a: sideOf("local"), b: sideOf("remote") };
  const comparison = comparePair({
    local: sides.a,
    remote: sides.b,
    ...(summaries.linked === undefined ? { unexplained } : { linked: sideOf("linked") }),
  });
  if (folder !== undefined) {
    const page = await comparisonPage(comparison, sides);
    await writeComparison(folder, comparison, { text: `${formatComparison(comparison)}\n`, page });
  }
  return { folder, summaries, comparison, error };
}

function parametersOf(requests: Readonly<Record<SideName, SweepRequest>>, side: SideName): SweepParameters {
  const { parameters } = requests[side];
  const { baseline } = parameters;
  return {
    ...parameters,
    // As between two loads: what goes on running on this machine would take part in the remote measurement.
    ...(side === "local" ? { cleanup: "thorough" } : {}),
    // A baseline of two networks holds one of each. A side's bundle keeps its own, so that it can be used by itself.
    ...(baseline === undefined ? {} : { baseline: join(baseline, side) }),
  };
}

/** Without assertions: it only explains the others. */
function linkedParameters(
  requests: Readonly<Record<SideName, SweepRequest>>,
  links: LinksParameters,
): SweepParameters {
  const { baseline: _, ...parameters } = requests.local.parameters;
  return { ...parameters, assertions: [], links };
}

/** Stands in for delays that are not measured yet, so that everything else is checked before anything starts. */
const someDelay: LinksParameters = { name: "like remote", document: { default: { delay: "1ms" } } };

function measuredLinks(
  { remote }: Readonly<Record<SideName, SweepRequest>>,
  runs: readonly MeasuredRun[],
): LinksParameters | undefined {
  const { remote: place, committee } = remote.parameters;
  const title = "Delays between the hosts of the remote sweep";
  const document = linksLikeRuns({ hosts: place?.hosts ?? [], committee, runs }, { title });
  return document && { name: "like remote", document };
}

function relinked(
  checked: CheckedNetwork,
  parameters: SweepParameters,
  findProgram: PrepareSetting["backend"]["findProgram"],
): CheckedNetwork {
  return { ...checked, parameters, plan: planNetwork(checked.protocol, parameters, findProgram) };
}
