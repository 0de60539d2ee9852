import { relativeError } from "../../../metrics/stats/histogram.ts";
import { type Contents, fileOf } from "../contents/contents.ts";
import type { Findings } from "../contents/findings.ts";

/**
 * What is said of watching the commits. Its figures stand nowhere else, but they have to fit the run's: each commit of
 * the window was in a block that was read in it.
 */
export function checkObservers({ runs }: Contents, findings: Findings): void {
  for (const run of runs) {
    const { observer, observedInWindow, latencyKind, nodes } = run;
    const holds = (key: string, found: unknown, expected: { holds: boolean; follows: string }) =>
      findings.holds({ file: fileOf(run), key: `observer.${key}` }, found, expected);
    if (observer === undefined) continue;
    holds("transactions", observer.transactions, {
      holds: latencyKind === "commit" && observer.transactions >= observedInWindow,
      follows: `at least ${observedInWindow}, the commits seen in the window`,
    });
    holds("blocks", observer.blocks, {
      holds: observer.blocks > 0 || observer.transactions === 0,
      follows: "a block at least, since there are transactions",
    });
    const { loopDelayP99Ms: p99Ms = 0, loopDelayMaxMs: maxMs = 0 } = observer;
    holds("loop_delay_p99_ms", p99Ms, {
      holds: p99Ms <= maxMs * (1 + relativeError) + 0.001,
      follows: `at most ${maxMs}, the longest`,
    });
    const known = new Set(nodes.map(({ name }) => name));
    holds("polled", observer.polled, {
      holds: observer.polled.every(({ node }) => known.has(node)),
      follows: "nodes of the committee",
    });
  }
}
