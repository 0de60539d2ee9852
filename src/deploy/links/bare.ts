/** Paths before they are shaped, and the delay that the shaper adds. Pure. */
import type { LinkChange, LinkPair, LinkShaping, ProbedLink } from "../../contracts/links/shaping.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import { quantileOf } from "../../core/numbers/quantile.ts";

/** One way between two hosts. */
export interface BarePath {
  readonly fromHost: string | undefined;
  readonly toHost: string | undefined;
  readonly delayMs: number;
  readonly p99Ms: number;
}

type HostOf = (node: NodeName) => string | undefined;

/** One way, half of a round trip; nothing of a link that let nothing through. */
export function bareOf({ from, to, way, delaysMs }: ProbedLink): LinkShaping["bare"] {
  if (delaysMs.length === 0) return [];
  const ways = way === "round-trip" ? 2 : 1;
  return [{ from, to, delayMs: quantileOf(delaysMs, 0.5) / ways, p99Ms: quantileOf(delaysMs, 0.99) / ways }];
}

/** The fastest echo, one way, milliseconds: what the path takes where no one else has the CPU. 0 of a link that let nothing through. */
export function leastOf({ way, delaysMs }: ProbedLink): number {
  return delaysMs.length === 0 ? 0 : Math.min(...delaysMs) / (way === "round-trip" ? 2 : 1);
}

/** A pair of nodes for every ordered pair of hosts that is not among the paths. */
export function pathsBetween(
  nodes: readonly NodeName[],
  hostOf: HostOf,
  paths: readonly BarePath[],
): LinkPair[] {
  const first = new Map<string | undefined, NodeName>();
  for (const name of nodes) if (!first.has(hostOf(name))) first.set(hostOf(name), name);
  return [...first].flatMap(([fromHost, from]) =>
    [...first].flatMap(([toHost, to]) => {
      const isKnown = paths.some((path) => path.fromHost === fromHost && path.toHost === toHost);
      return fromHost === toHost || isKnown ? [] : [{ from, to }];
    }),
  );
}

/** Leaves the part of the delay that the shaper must add to the path. */
export function subtractBare(change: LinkChange, paths: readonly BarePath[], hostOf: HostOf): LinkChange {
  const { from, to, shape } = change;
  const path = paths.find((one) => one.fromHost === hostOf(from) && one.toHost === hostOf(to));
  if (path === undefined) return change;
  return { from, to, shape: { ...shape, delayMs: Math.max(0, shape.delayMs - path.delayMs) } };
}
