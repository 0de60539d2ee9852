/** How much of its goodput a flow keeps while the direct link loses packets. Pure. */
import type { FlowSecond, KeptGoodput } from "../../../contracts/results/native/flows.ts";

/** Edges of the bands, as ratios; below the second, a second is undisturbed. */
export const bandEdges = [0, 0.01, 0.05, 0.1, 0.2, 0.5, 1] as const;

/** Seconds of flows without a link of their own, or without an undisturbed second, are left out. */
export function keptGoodput(flows: readonly { readonly seconds: readonly FlowSecond[] }[]): KeptGoodput[] {
  const known = flows.flatMap(({ seconds }) => {
    const usual = meanOf(seconds.filter((second) => bandOf(second) === 0));
    return usual === undefined || usual === 0 ? [] : seconds.map((second) => ({ second, usual }));
  });
  return bandEdges.slice(1).flatMap((toLossRatio, band) => {
    const within = known.filter(({ second }) => bandOf(second) === band);
    if (within.length === 0) return [];
    const got = within.reduce((sum, { second }) => sum + second.goodputMbps, 0);
    const usual = within.reduce((sum, one) => sum + one.usual, 0);
    return [
      {
        fromLossRatio: bandEdges[band] as number,
        toLossRatio,
        secs: within.length,
        goodputMbps: got / within.length,
        keptRatio: got / usual,
      },
    ];
  });
}

function bandOf({ directLossRatio }: FlowSecond): number | undefined {
  if (directLossRatio === undefined) return undefined;
  const above = bandEdges.findIndex((edge) => directLossRatio < edge);
  return above < 0 ? bandEdges.length - 2 : above - 1;
}

const meanOf = (seconds: readonly FlowSecond[]) =>
  seconds.length === 0
    ? undefined
    : seconds.reduce((sum, { goodputMbps }) => sum + goodputMbps, 0) / seconds.length;
