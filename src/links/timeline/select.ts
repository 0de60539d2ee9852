import type { PlacedNode } from "../../contracts/links/matrix.ts";
import { seededRandom } from "../../core/random.ts";
import { suggestion } from "../../core/text/nearest.ts";
import { shuffle } from "../topology.ts";
import type { LinkSelector, Selector } from "./spec.ts";

/** What a timeline can name. */
export interface Surroundings {
  readonly nodes: readonly PlacedNode[];
  readonly regions: readonly string[];
}

/** Takes what is wrong, without a full stop. */
export type Complain = (message: string) => void;

/**
 * The places of the nodes that are meant, in order: a name is a node's, else a group's, else a region's. Where a name
 * means none, that is reported, and it selects nothing.
 */
export function selectNodes(selector: Selector, around: Surroundings, complain: Complain): readonly number[] {
  const chosen = new Set(
    selector.flatMap((part) =>
      typeof part === "string" ? placesOf(part, around, complain) : randomPlaces(part, around, complain),
    ),
  );
  return [...chosen].sort((a, b) => a - b);
}

function placesOf(name: string, { nodes, regions }: Surroundings, complain: Complain): readonly number[] {
  const where = (holds: (node: PlacedNode) => boolean) =>
    nodes.flatMap((node, place) => (holds(node) ? [place] : []));
  if (name === "all") return where(() => true);
  for (const key of ["name", "group", "region"] as const) {
    const found = where((node) => node[key] === name);
    if (found.length > 0) return found;
  }
  if (regions.includes(name)) {
    complain(`no node is in region ${name}; name another region, or use more nodes`);
    return [];
  }
  const names = nodes.map((node) => node.name);
  const others = [...new Set([...nodes.map(({ group }) => group), ...regions])];
  const some = names.length > 6 ? [...names.slice(0, 3), "…", ...names.slice(-1)] : names;
  const known = [...some, ...others, "all"].join(", ");
  const hint = suggestion(name, [...names, ...others, "all"]);
  complain(`this network has no node, group or region ${name}, only ${known}.${hint}`.replace(/\.$/, ""));
  return [];
}

/** The same seed chooses the same nodes; of a larger count, these and more. */
function randomPlaces(
  { count, seed }: { readonly count: number; readonly seed: string },
  { nodes }: Surroundings,
  complain: Complain,
): readonly number[] {
  if (count > nodes.length) {
    complain(`random: count ${count} is more than the ${nodes.length} nodes; use a smaller count`);
    return [];
  }
  const order = [...nodes.keys()];
  shuffle(order, seededRandom(`timeline ${seed}`).nextUint32);
  return order.slice(0, count);
}

/** A directed link, by the places of its nodes. */
export interface Link {
  readonly from: number;
  readonly to: number;
}

/** Links in one direction, from some nodes to others. */
export function linksFrom(from: Iterable<number>, to: Iterable<number>): readonly Link[] {
  const receivers = [...to];
  return [...from].flatMap((one) =>
    receivers.filter((other) => other !== one).map((other) => ({ from: one, to: other })),
  );
}

/** Links, both directions, between nodes of different groups; each once. */
export function linksBetween(groups: readonly (readonly number[])[]): readonly Link[] {
  return groups.flatMap((group, at) =>
    groups.flatMap((other, place) => (place === at ? [] : linksFrom(group, other))),
  );
}

/** Links, both directions, that begin or end at one of these nodes; each once. */
export function linksAt(nodes: readonly number[], count: number): readonly Link[] {
  const chosen = new Set(nodes);
  const all = Array.from({ length: count }, (_, place) => place);
  return linksFrom(all, all).filter(({ from, to }) => chosen.has(from) || chosen.has(to));
}

/** The links that are meant. That there are none is reported. */
export function selectLinks(
  selector: LinkSelector,
  around: Surroundings,
  complain: Complain,
): readonly Link[] {
  let isRefused = false;
  const links = selectAny(selector, around, (message) => {
    isRefused = true;
    complain(message);
  });
  if (links.length === 0 && !isRefused) complain("links: these nodes have no link; name two different nodes");
  return links;
}

function selectAny(selector: LinkSelector, around: Surroundings, complain: Complain): readonly Link[] {
  if (selector.kind === "directed") {
    return linksFrom(
      selectNodes(selector.from, around, complain),
      selectNodes(selector.to, around, complain),
    );
  }
  const groups = selectGroups(selector.groups, around, complain);
  const [only = []] = groups;
  return groups.length === 1 ? linksFrom(only, only) : linksBetween(groups);
}

/** Groups of nodes, of which each is in one. */
export function selectGroups(
  selectors: readonly Selector[],
  around: Surroundings,
  complain: Complain,
): readonly (readonly number[])[] {
  const groups = selectors.map((selector) => selectNodes(selector, around, complain));
  const seen = new Set<number>();
  for (const place of groups.flat()) {
    if (seen.has(place)) complain(`${around.nodes[place]?.name} is in two groups; name it in one`);
    seen.add(place);
  }
  return groups;
}
