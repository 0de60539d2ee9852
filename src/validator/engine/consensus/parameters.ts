import { largestBlockBytes } from "./block.ts";
import { waveRounds } from "./committer.ts";
import { dedupWindowHeights } from "./ledger.ts";
import type { BlockRules } from "./validity.ts";

/** What must be equal on all validators, so that they take the same blocks, commit the same and make the same checkpoints. */
export type ConsensusParameters = Readonly<Record<string, number>>;

export function consensusParameters(
  { committee, gcDepth, mostRefs }: BlockRules,
  checkpointIntervalHeights: number,
): ConsensusParameters {
  const { leadersPerRound } = committee;
  return {
    leadersPerRound,
    checkpointIntervalHeights,
    gcDepth,
    waveRounds,
    dedupWindowHeights,
    largestBlockBytes,
    mostRefs,
  };
}

/** "leadersPerRound=2 gcDepth=100": the same text for equal parameters. */
export function formatParameters(parameters: ConsensusParameters): string {
  return Object.keys(parameters)
    .sort()
    .map((name) => `${name}=${parameters[name]}`)
    .join(" ");
}

/**
 * Says how a validator's parameters differ from the own ones.
 *
 * @param theirs its text, which may be anything
 * @returns undefined where they are equal
 */
export function describeDifference(theirs: string, own: ConsensusParameters): string | undefined {
  if (theirs === formatParameters(own)) return undefined;
  const read = new Map(theirs.split(" ").map((pair) => pair.split("=", 2) as [string, string | undefined]));
  const names = new Set([...Object.keys(own), ...read.keys()]);
  const differences = [...names].flatMap((name) => {
    const value = read.get(name) ?? "unknown";
    const ownValue = String(own[name] ?? "unknown");
    return value === ownValue ? [] : `${name} is ${value} there and ${ownValue} here`;
  });
  return differences.join(", ");
}
