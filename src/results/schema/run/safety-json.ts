/** The published form of what is known of the nodes' agreement and of the blocks' ages: parts of a run's. */
import type { RunResult } from "../../../contracts/results/result.ts";
import type { AgreedPrefix, BlockAge, Fork, SafetyReport } from "../../../contracts/results/safety.ts";
import { blockAgeClaim } from "../../../metrics/stats/block-age.ts";
import { present, rounded } from "../numbers.ts";
import { msJson } from "./latency-json.ts";
import { roundedLinks } from "./links-json.ts";

function prefixJson({ height, fingerprint, nodes, chained }: AgreedPrefix) {
  return { height, fingerprint, nodes, chained };
}

function forkJson({ height, seen, shown, notFollowed }: Fork) {
  const blocks = shown.map(({ node, fingerprint }) => ({ node, fingerprint }));
  return present({ height, seen, shown: blocks, not_followed: notFollowed });
}

/** undefined where blocks cannot be compared. */
export function safetyJson(safety: SafetyReport | undefined) {
  return (
    safety &&
    present({
      compared_heights: safety.comparedHeights,
      uncompared_heights: safety.uncomparedHeights,
      compared_afterwards: safety.comparedAfterwards,
      prefix: safety.prefix && prefixJson(safety.prefix),
      not_asked: safety.notAsked.map(({ node, reason }) => ({ node, reason })),
      forks: safety.forks.map(forkJson),
    })
  );
}

function roundedAge(age: BlockAge): BlockAge {
  return {
    ...{ count: age.count, negative: age.negative },
    minMs: msJson(age.minMs),
    p50Ms: msJson(age.p50Ms),
    p99Ms: msJson(age.p99Ms),
    maxMs: msJson(age.maxMs),
    meanMs: msJson(age.meanMs),
  };
}

/**
 * undefined where no block's age is known. What is claimed follows from the published numbers, so that whoever reads
 * them comes to the same.
 */
export function blockAgeJson({ blockAge, links, parameters, environment }: RunResult) {
  if (blockAge === undefined) return undefined;
  const age = roundedAge(blockAge);
  const claim = blockAgeClaim({
    blockAge: age,
    links: links && roundedLinks(links),
    parameters,
    environment,
  });
  return present({
    count: age.count,
    negative: age.negative,
    min_ms: age.minMs,
    p50_ms: age.p50Ms,
    p99_ms: age.p99Ms,
    max_ms: age.maxMs,
    mean_ms: age.meanMs,
    clock_error_ms: claim.errorMs === undefined ? undefined : rounded(claim.errorMs),
    claimed: claim.claimed,
  });
}
