import { join, resolve } from "node:path";
import type { LinksParameters, SweepParameters } from "../../contracts/parameters.ts";
import type { Comparison, SideRuns } from "../../contracts/results/comparison.ts";
import type { MeasuredRun } from "../../contracts/results/native.ts";
import { describeError } from "../../core/errors.ts";
import { linksLike } from "../../links/like.ts";
import { comparePair, type PairPart } from "../../results/analysis/comparison/explain-links.ts";
import { writeComparison } from "../../results/bundle/comparison-files.ts";
import { bundleName } from "../../results/bundle/open-bundle.ts";
import { formatComparison } from "../../results/report/blocks/comparison.ts";
import type { MeasuredSummary } from "../../results/schema/summary.ts";
import { newRunId } from "../prepare/backend.ts";
import { planNetwork } from "../prepare/plan-network.ts";
import {
  type CheckedNetwork,
  openSweep,
  type PreparedSweep,
  type PrepareSetting,
  prepareSweeps,
  type SweepRequest,
} from "../prepare/prepare.ts";

export type SideName = SweepParameters["networkType"];

export interface PairOptions {
  /** After both, the local network once more, with the delays that the remote one had between its hosts. */
  readonly explainLinks: boolean;
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
  { explainLinks }: PairOptions,
  setting: PrepareSetting,
  conduct: (part: PairPart, sweep: PreparedSweep) => Promise<MeasuredSummary>,
): Promise<PairOutcome> {
  const { backend, context } = setting;
  const run = newRunId();
  const asked = (side: SideName) => ({ ...requests[side], parameters: parametersOf(requests, side) });
  const linked = { ...requests.local, parameters: linkedParameters(requests, someDelay) };
  const parts: readonly PairPart[] = explainLinks ? ["local", "remote", "linked"] : ["local", "remote"];
  const all = [asked("local"), asked("remote"), ...(explainLinks ? [linked] : [])];
  await using prepared = await prepareSweeps(run, all, setting);
  const { outputDir, fileOutput } = requests.local.parameters;
  const name = bundleName({ run, networkType: "both", clock: context.clock });
  const folder = fileOutput ? join(resolve(outputDir), name) : undefined;
  const summaries: Partial<Record<PairPart, MeasuredSummary>> = {};
  let error: unknown;
  let unexplained: string | undefined;
  try {
    for (const [place, part] of parts.entries()) {
      const links = part === "linked" ? measuredLinks(requests, summaries.remote?.runs ?? []) : undefined;
      if (part === "linked" && links === undefined) {
        unexplained = "the remote runs measured no round trip between hosts. Use several hosts.";
        continue;
      }
      const planned = prepared.sweeps[place] as CheckedNetwork;
      const checked =
        links === undefined
          ? planned
          : relinked(planned, linkedParameters(requests, links), backend.findProgram);
      const where = folder === undefined ? undefined : { outputDir: folder, name: part };
      await using sweep = await openSweep(checked, where, setting);
      summaries[part] = await conduct(part, sweep);
    }
  } catch (cause) {
    error = cause;
    if (summaries.local === undefined || summaries.remote === undefined) return { folder, summaries, error };
    unexplained = `the local sweep with the remote network's delays ended early: ${describeError(cause)}`;
  }
  const sideOf = (part: PairPart): SideRuns => ({
    path: folder === undefined ? part : join(folder, part),
    networkType: part === "remote" ? "remote" : "local",
    runs: summaries[part]?.runs ?? [],
  });
  const comparison = comparePair({
    local: sideOf("local"),
    remote: sideOf("remote"),
    ...(summaries.linked === undefined ? { unexplained } : { linked: sideOf("linked") }),
  });
  if (folder !== undefined) await writeComparison(folder, comparison, `${formatComparison(comparison)}\n`);
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

/** Held to nothing: it is there to explain the others. */
function linkedParameters(
  requests: Readonly<Record<SideName, SweepRequest>>,
  links: LinksParameters,
): SweepParameters {
  const { baseline: _, ...parameters } = requests.local.parameters;
  const { cleanup, runtime } = parameters;
  const mechanism = parameters.links?.mechanism;
  return { ...parameters, cleanup, runtime, assertions: [], links: { ...links, mechanism } };
}

/** In place of what is not measured yet, so that everything else can be checked before anything is started. */
const someDelay: LinksParameters = { name: "like remote", document: { default: { delay: "1ms" } } };

function measuredLinks(
  { remote }: Readonly<Record<SideName, SweepRequest>>,
  runs: readonly MeasuredRun[],
): LinksParameters | undefined {
  const { remote: place, committee } = remote.parameters;
  const hostOf = Array.from(
    { length: committee },
    (_, node) => place?.hosts.find(({ nodes }) => nodes.includes(node))?.name ?? "",
  );
  const reports = runs.flatMap((run) => ("links" in run && run.links?.before) || []);
  const document = linksLike({ hostOf, reports }, { title: "Delays between the hosts of the remote sweep" });
  return document && { name: "like remote", document };
}

function relinked(
  checked: CheckedNetwork,
  parameters: SweepParameters,
  findProgram: PrepareSetting["backend"]["findProgram"],
): CheckedNetwork {
  return { ...checked, parameters, plan: planNetwork(checked.protocol, parameters, findProgram) };
}
