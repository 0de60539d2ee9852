/** Which peers may connect to each other: those near enough in the same layer. Pure. */
import type { Position } from "./messages.ts";

export interface Inhabitant {
  readonly id: string;
  readonly position: Position;
  /** Peers of different layers are never in one island. */
  readonly layer: string;
  /** Where it was; undefined: it is new. */
  readonly islandId: string | undefined;
}

export interface IslandRules {
  /** Peers as near as this join one island, in metres. */
  readonly joinDistance: number;
  /** A peer leaves its island when all others in it are farther away than this, in metres. */
  readonly leaveDistance: number;
  readonly mostPeers: number;
}

/** Those of the Decentraland network. */
export const defaultRules: IslandRules = { joinDistance: 64, leaveDistance: 80, mostPeers: 100 };

interface Group {
  islandId: string | undefined;
  readonly layer: string;
  readonly members: Inhabitant[];
}

/**
 * Single-linkage clusters with hysteresis: an island falls apart where its members lost touch, then groups that are near
 * each other become one, as far as the bound on its members allows. The larger group keeps its island.
 *
 * @param newId an id for an island of this layer that no island has had
 * @returns island of each peer, by its id
 */
export function assignIslands(
  peers: readonly Inhabitant[],
  rules: IslandRules,
  newId: (layer: string) => string,
): ReadonlyMap<string, string> {
  const before = Map.groupBy(peers, ({ layer, islandId, id }) => JSON.stringify([layer, islandId ?? { id }]));
  const groups = [...before.values()].flatMap((members) => keepTogether(members, rules.leaveDistance));
  const islandOf = new Map<string, string>();
  for (const { islandId, layer, members } of mergeNear(groups, rules)) {
    const island = islandId ?? newId(layer);
    for (const { id } of members) islandOf.set(id, island);
  }
  return islandOf;
}

/** The parts of an island that are in touch; only the largest keeps its id. */
function keepTogether(members: readonly Inhabitant[], leaveDistance: number): Group[] {
  const left = new Set(members);
  const parts: Group[] = [];
  for (const first of members) {
    if (!left.delete(first)) continue;
    const part = [first];
    for (const member of part) {
      for (const other of left) {
        if (distance(member.position, other.position) > leaveDistance) continue;
        left.delete(other);
        part.push(other);
      }
    }
    parts.push({ islandId: undefined, layer: first.layer, members: part });
  }
  const [largest] = parts.toSorted(bySize);
  if (largest !== undefined) largest.islandId = members[0]?.islandId;
  return parts;
}

const bySize = (a: Group, b: Group) => b.members.length - a.members.length;

/**
 * Groups that are near each other, as one. Each member is compared with each other once: what an earlier group left
 * alone is not near it, however much a later one grows.
 */
function mergeNear(parts: readonly Group[], { joinDistance, mostPeers }: IslandRules): Group[] {
  let left = parts.toSorted(bySize);
  const merged: Group[] = [];
  for (let group = left.shift(); group !== undefined; group = left.shift()) {
    for (const { position } of group.members) {
      const absorbed = new Set<Group>();
      for (const other of left) {
        const isNear = other.members.some((one) => distance(position, one.position) <= joinDistance);
        const fits = group.members.length + other.members.length <= mostPeers;
        if (!isNear || !fits || other.layer !== group.layer) continue;
        group.islandId ??= other.islandId;
        group.members.push(...other.members);
        absorbed.add(other);
      }
      if (absorbed.size > 0) left = left.filter((other) => !absorbed.has(other));
    }
    merged.push(group);
  }
  return merged;
}

/** On the ground: height does not count. */
function distance(a: Position, b: Position): number {
  return Math.hypot(a[0] - b[0], a[2] - b[2]);
}
