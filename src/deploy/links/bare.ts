/** Paths before they are shaped, and the delay that the shaper adds. Pure. */
import type { LinkChange, LinkPair, LinkShaping, ProbedLink } from "../../contracts/links/shaping.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import { quantileOf } from "../../core/numbers/quantile.ts";
import { LinksError } from "./error.ts";

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

/** @param ports that must be open @throws LinksError with the hosts between which no probe came back, where there are any */
export function refuseLost(lost: readonly LinkPair[], hostOf: HostOf, ports = ""): void {
  if (lost.length === 0) return;
  const shown = lost.map(({ from, to }) => `${hostOf(from)} → ${hostOf(to)}`).join(", ");
  throw new LinksError(
    `No probe came back between the hosts ${shown}. Open ${ports} between the hosts, in firewalls and security groups.`,
  );
}

/** @throws LinksError with every link whose bare path is slower than the link's delay */
export function refuseWorse(
  changes: readonly LinkChange[],
  paths: readonly BarePath[],
  hostOf: HostOf,
): void {
  const worse = changes.flatMap(({ from, to, shape }) => {
    const path = paths.find((one) => one.fromHost === hostOf(from) && one.toHost === hostOf(to));
    const toleranceMs = Math.max(1, 0.05 * shape.delayMs);
    // A delay of 0 leaves the path as it is.
    if (path === undefined || shape.down || shape.delayMs === 0) return [];
    if (path.delayMs <= shape.delayMs + toleranceMs) return [];
    return [`${from} → ${to}: asked ${shape.delayMs} ms, measured ${path.delayMs.toFixed(1)} ms`];
  });
  if (worse.length === 0) return;
  const shown = worse.length > 5 ? [...worse.slice(0, 5), `and ${worse.length - 5} more`] : worse;
  throw new LinksError(
    `The hosts are farther apart than the links are to be (one-way delays): ${shown.join("; ")}. Ask for longer delays, or use hosts that are nearer to one another.`,
  );
}
