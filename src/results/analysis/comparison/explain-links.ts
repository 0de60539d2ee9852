import type { Comparison, ExplainedLoad, SideRuns } from "../../../contracts/results/comparison.ts";
import { seededRandom } from "../../../core/random.ts";
import { shareInterval } from "../../../metrics/stats/ratio-of-means.ts";
import { isCounted, readMetric, unseenIn } from "../../../metrics/stats/run-metrics.ts";
import { meanOf } from "../../../metrics/stats/sample.ts";
import { compareSweeps } from "./compare.ts";
import { runsForVerdict } from "./compare-verdict.ts";

/** Sweeps of one command on both networks. linked: the local network with the delays of the remote one. */
export type PairPart = "local" | "remote" | "linked";

export interface ComparedPair extends Readonly<Record<"local" | "remote", SideRuns>> {
  readonly linked?: SideRuns | undefined;
  /** Why there are no such runs although they were asked for, as a clause. */
  readonly unexplained?: string | undefined;
}

/** The comparison of both networks; with a third sweep, what links explain of it. */
export function comparePair({ local, remote, linked, unexplained }: ComparedPair): Comparison {
  const explained = linked === undefined ? [] : explainLinks(local, linked, remote);
  return { ...compareSweeps(local, remote), explained, unexplained };
}

/**
 * How much of the difference in average latency between a local and a remote network the links make, at each load that
 * all three sweeps have counted runs of, and of which the end of every transaction was seen. Pure.
 *
 * @param linked runs of the local network with the links of the remote one
 */
export function explainLinks(local: SideRuns, linked: SideRuns, remote: SideRuns): ExplainedLoad[] {
  const loads = [...new Set(local.runs.map(({ parameters }) => parameters.loadTps))].sort((a, b) => a - b);
  return loads.flatMap((loadTps) => {
    const [from, between, to] = [local, linked, remote].map((side) => latencies(side, loadTps));
    if (!from?.length || !between?.length || !to?.length) return [];
    const [localMs, linkedMs, remoteMs] = [meanOf(from), meanOf(between), meanOf(to)];
    if (remoteMs === localMs) return [];
    const shareRatio = (linkedMs - localMs) / (remoteMs - localMs);
    const explained = { loadTps, localMs, linkedMs, remoteMs, shareRatio };
    if (Math.min(from.length, between.length, to.length) < runsForVerdict) return [explained];
    const { low, high } = shareInterval({ from, between, to }, seededRandom(`explain-links/${loadTps}`));
    return [{ ...explained, confidence: { lowRatio: low, highRatio: high } }];
  });
}

/** Of runs that lost sight of transactions the mean is of the others, and says nothing. */
function latencies({ runs }: SideRuns, loadTps: number): number[] {
  const counted = runs.filter((run) => isCounted(run) && run.parameters.loadTps === loadTps);
  return counted.flatMap((run) => {
    const latency = unseenIn([run]) > 0 ? undefined : readMetric("avgLatency", run);
    return latency === undefined || latency.atLeast ? [] : [latency.value];
  });
}
