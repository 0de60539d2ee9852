/** What is known of the nodes' agreement and of the blocks' ages, in the reports. */
import type { RunResult } from "../../../contracts/results/result.ts";
import type { Fork, SafetyReport } from "../../../contracts/results/safety.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { blockAgeClaim } from "../../../metrics/stats/block-age.ts";
import { formatMs } from "../text/figures.ts";

const seenWhen = { during: "while the run went on", after: "asked for after the run" } as const;

/** Each block with the nodes that show it; hashes whole, since they are what one looks for in a log. */
function forkLines({ height, seen, shown, notFollowed }: Fork): string[] {
  const nodesOf = new Map<string, string[]>();
  for (const { node, fingerprint } of shown) {
    nodesOf.set(fingerprint, [...(nodesOf.get(fingerprint) ?? []), formatForeign(node)]);
  }
  return [
    `  Height ${height}, ${seenWhen[seen]}:`,
    ...[...nodesOf].map(([fingerprint, nodes]) => `    ${formatForeign(fingerprint)}: ${nodes.join(", ")}`),
    ...(notFollowed === undefined ? [] : [`    It may begin lower: ${formatForeign(notFollowed)}`]),
  ];
}

function prefixLines({ prefix, comparedAfterwards }: SafetyReport, nodes: number): string[] {
  if (prefix === undefined) return [];
  const who =
    prefix.nodes.length === nodes ? `all ${nodes} nodes` : prefix.nodes.map(formatForeign).join(", ");
  const below = prefix.chained ? ", which names all blocks before it" : "";
  return [
    `  After the run: ${who} show the same block at height ${prefix.height}${below}`,
    ...(comparedAfterwards > 0 ? [`  After the run: the same at ${comparedAfterwards} other heights`] : []),
  ];
}

/** Lines with a heading and a blank one after them; none where blocks cannot be compared. */
export function safetySection({ safety, parameters }: RunResult): string[] {
  if (safety === undefined) return [];
  const { comparedHeights, uncomparedHeights, notAsked, forks } = safety;
  const others = uncomparedHeights > 0 ? `, not at ${uncomparedHeights} others` : "";
  return [
    forks.length === 0 ? "SAFETY: no fork seen" : "SAFETY: FORK: nodes committed different blocks",
    ...forks.flatMap(forkLines),
    `  Compared during the run: all nodes at ${comparedHeights} heights${others}`,
    ...prefixLines(safety, parameters.nodes),
    ...notAsked.map(
      ({ node, reason }) => `  Not compared after the run: ${formatForeign(`${node}: ${reason}`)}`,
    ),
    "",
  ];
}

/**
 * How old blocks were when they were first seen, as far as the clocks let it be said; none where no age is known. Ends
 * with a blank line.
 */
export function blockAgeSection(result: RunResult): string[] {
  const { blockAge } = result;
  if (blockAge?.p50Ms === undefined) return [];
  const { errorMs, claimed } = blockAgeClaim(result);
  const { count, negative, p50Ms, minMs } = blockAge;
  const error = formatMs(errorMs);
  const unknown =
    result.parameters.networkType === "remote"
      ? "not every host's clock is known for the whole run"
      : "whether the nodes have this machine's clock is not known";
  const reported =
    errorMs === undefined
      ? `not claimed: ${formatMs(p50Ms)}, but ${unknown}`
      : claimed
        ? `${formatMs(p50Ms)} ± ${error}`
        : `not claimed: ${formatMs(p50Ms)} is within the clocks' error of ± ${error}`;
  const early = `${negative} of ${count} were seen before their own timestamp, by up to ${formatMs(-(minMs ?? 0))}`;
  return [
    `BLOCKS: own time to first seen, median of ${count}: ${reported}`,
    ...(negative > 0 ? [`  By the raw clocks, ${early}`] : []),
    "",
  ];
}
