import type { Pair } from "../network.ts";

/** Splits pairs into rounds in which no node takes part twice, so that none disturbs another. */
export function disjointRounds<P extends Pair>(pairs: readonly P[], most: number): readonly (readonly P[])[] {
  const rounds: { readonly pairs: P[]; readonly names: Set<string> }[] = [];
  for (const pair of pairs) {
    const { from, to } = pair;
    const found = rounds.find(
      ({ pairs: { length }, names }) => length < most && !names.has(from) && !names.has(to),
    );
    const round = found ?? { pairs: [], names: new Set() };
    if (found === undefined) rounds.push(round);
    round.pairs.push(pair);
    round.names.add(from).add(to);
  }
  return rounds.map((round) => round.pairs);
}
