import type { NodeName } from "../../contracts/nodes/node.ts";
import type { ObserverFigures } from "../../contracts/results/generator.ts";
import { SignedRecord } from "../../metrics/stats/signed-record.ts";
import { type AgreementFindings, keptForks, listForks } from "../plan/agreement.ts";
import type { ObserverReport } from "../plan/client-plan.ts";
import { spreadHeights } from "../plan/height-ranges.ts";
import { worstOf } from "../tally/merge-seconds.ts";

/** What several observers of one run found, be it of the same nodes or of others, as if one had seen it all. */
export function mergeObserverReports(reports: readonly ObserverReport[]): ObserverReport {
  const watched = mergeWatched(reports);
  return {
    watched,
    agreement: mergeAgreements(reports, watched),
    blockAges: mostBlocks(reports.map(({ blockAges }) => blockAges)),
    observerFailures: mergeFailures(reports.flatMap(({ observerFailures }) => observerFailures)),
    ...mergeHeights(reports),
    observer: mergeFigures(reports.flatMap(({ observer }) => observer ?? [])),
  };
}

type Watched = ObserverReport["watched"];

function mergeWatched(reports: readonly ObserverReport[]): Watched {
  const all = reports.map(({ watched }) => watched);
  const heights = all.flatMap((one) => one.heights ?? []);
  return {
    nodes: [...new Set(all.flatMap(({ nodes }) => nodes))],
    heights:
      heights.length === 0
        ? undefined
        : {
            from: Math.min(...heights.map(({ from }) => from)),
            to: Math.max(...heights.map(({ to }) => to)),
          },
  };
}

/**
 * Where all watched the same nodes, the one that compared most stands for all. Where each watched others, nobody saw
 * them side by side: no height is compared, and heights over the whole range are named, for the nodes to be asked.
 * Forks that any has seen are told either way.
 */
function mergeAgreements(
  reports: readonly ObserverReport[],
  { nodes, heights }: Watched,
): AgreementFindings | undefined {
  const all = reports.flatMap(({ agreement }) => agreement ?? []);
  const forks = mergeForks(all);
  const isSplit = reports.some(({ watched }) => watched.nodes.length < nodes.length);
  if (isSplit && nodes.length > 1) {
    const uncomparedHeights = heights === undefined ? 0 : heights.to - heights.from + 1;
    const uncompared = heights === undefined ? [] : spreadHeights([heights]);
    return { comparedHeights: 0, uncomparedHeights, uncompared, forks };
  }
  const [most] = [...all].sort((a, b) => b.comparedHeights - a.comparedHeights);
  return most && { ...most, forks };
}

function mergeForks(all: readonly AgreementFindings[]): AgreementFindings["forks"] {
  const shownAt = new Map<number, Map<NodeName, string>>();
  for (const { height, shown } of all.flatMap(({ forks }) => forks)) {
    const blocks = shownAt.get(height) ?? new Map<NodeName, string>();
    for (const { node, fingerprint } of shown) blocks.set(node, fingerprint);
    shownAt.set(height, blocks);
  }
  return listForks(shownAt).slice(0, keptForks);
}

/** Observers see the same blocks, each of them once: the one that saw most stands for all. */
function mostBlocks([first, ...others]: readonly SignedRecord[]): SignedRecord {
  return others.reduce((most, one) => (one.count > most.count ? one : most), first ?? new SignedRecord());
}

/** What two observers say of a node in the same words is said once. */
function mergeFailures(all: ObserverReport["observerFailures"]): ObserverReport["observerFailures"] {
  const byText = new Map(all.map((failure) => [JSON.stringify([failure.node, failure.reason]), failure]));
  return [...byText.values()];
}

/** A height counts when the first observer sees it, unless a higher one had been seen. */
function mergeHeights(reports: readonly ObserverReport[]) {
  const seen = reports
    .flatMap(({ heightsSeen, heightsSeenMs }) =>
      heightsSeen.map((height, index) => ({ height, atMs: heightsSeenMs[index] ?? Number.NaN })),
    )
    .sort((a, b) => a.atMs - b.atMs || a.height - b.height);
  let highest = 0;
  const rising = seen.filter(({ height }) => {
    if (height <= highest) return false;
    highest = height;
    return true;
  });
  return {
    heightsSeen: rising.map(({ height }) => height),
    heightsSeenMs: rising.map(({ atMs }) => atMs),
  };
}

function mergeFigures(all: readonly ObserverFigures[]): ObserverFigures | undefined {
  if (all.length === 0) return undefined;
  const sum = (count: (one: ObserverFigures) => number) => all.reduce((total, one) => total + count(one), 0);
  return {
    ...worstOf(all.map(({ polled: _, ...figures }) => figures)),
    blocks: sum(({ blocks }) => blocks),
    transactions: sum(({ transactions }) => transactions),
    bytes: sum(({ bytes }) => bytes),
    // A sum that one of them is missing from would be too small.
    cpuMs: all.some(({ cpuMs }) => cpuMs === undefined) ? undefined : sum(({ cpuMs = 0 }) => cpuMs),
    polled: mergePolled(all),
  };
}

/** By node; the longest period, where there are several. */
function mergePolled(all: readonly ObserverFigures[]): ObserverFigures["polled"] {
  const byNode = new Map<NodeName, number>();
  for (const { node, everyMs } of all.flatMap(({ polled }) => polled)) {
    byNode.set(node, Math.max(everyMs, byNode.get(node) ?? 0));
  }
  return [...byNode].map(([node, everyMs]) => ({ node, everyMs }));
}
