import type { LinkMatrix, LinkNode, PlacedNode } from "../contracts/links/matrix.ts";
import { type LinkShape, type ShapeChange, unshaped } from "../contracts/links/shape.ts";
import type { SchemaDiagnostic } from "../core/documents/schema-issues.ts";
import { suggestion } from "../core/text/nearest.ts";
import { changeShape } from "./change.ts";
import { groundShape } from "./ground/quality.ts";
import { resolveGround } from "./ground/resolve.ts";
import type { LinksSpec, PairChange } from "./spec.ts";
import { buildEdges } from "./topology.ts";

/** Either the matrix, or all that does not fit these nodes, with its place in the file. */
export interface ResolvedLinks {
  readonly matrix?: LinkMatrix | undefined;
  readonly problems: readonly SchemaDiagnostic[];
}

/**
 * The shape of every ordered pair of nodes: the default, changed by the pair's regions, then its groups, then its
 * nodes. A pair without an edge is down. Pure: the same spec and nodes give the same matrix.
 *
 * @param nodes each name once
 */
export function resolveLinks(spec: LinksSpec, nodes: readonly LinkNode[]): ResolvedLinks {
  const problems = [...findStrangers(spec, nodes), ...findUnplaced(spec, nodes)];
  if (problems.length > 0) return { problems };
  const placed = nodes.map((node, place) => placeNode(spec, node, place));
  const hasEdge = findEdges(spec, nodes);
  const regionChange = indexPairs(spec.regionPairs);
  const groupChange = indexPairs(spec.groupPairs);
  const nodeChange = indexPairs(spec.nodePairs);
  const shapeOf = (from: PlacedNode, to: PlacedNode) =>
    applyChanges([
      spec.default,
      from.region === undefined || to.region === undefined ? undefined : regionChange(from.region, to.region),
      groupChange(from.group, to.group),
      nodeChange(from.name, to.name),
    ]);
  const base = placed.map((from, row) =>
    placed.map((to, column) => {
      if (row === column) return undefined;
      const shape = shapeOf(from, to);
      return hasEdge(from.name, to.name) ? shape : { ...shape, down: true };
    }),
  );
  const isFixed = ({ name: from }: LinkNode, { name: to }: LinkNode) =>
    !hasEdge(from, to) || nodeChange(from, to) !== undefined;
  const ground = spec.ground && resolveGround(spec.ground, { nodes, base, isFixed });
  const shapes =
    ground === undefined
      ? base
      : base.map((row, from) =>
          row.map((shape, to) => groundShape(ground, ground.positions, { from, to }) ?? shape),
        );
  const regionShapes = spec.regions.map((from) =>
    spec.regions.map((to) => applyChanges([spec.default, regionChange(from, to)])),
  );
  const clients = spec.clients === undefined ? undefined : applyChanges([spec.clients]);
  const found = { nodes: placed, regions: spec.regions, shapes, regionShapes, clients };
  return { matrix: ground === undefined ? found : { ...found, ground }, problems };
}

/** Of a node that is outside of every topology, to all. */
function findEdges({ topology }: LinksSpec, nodes: readonly LinkNode[]) {
  const names = nodes.flatMap(({ name, isApart }) => (isApart ? [] : [name]));
  const places = new Map(names.map((name, place) => [name, place]));
  const edges = buildEdges(topology, names);
  return (from: string, to: string): boolean => {
    const [a, b] = [places.get(from), places.get(to)];
    return a === undefined || b === undefined || edges.has(a, b);
  };
}

function placeNode({ regions, assignment }: LinksSpec, node: LinkNode, place: number): PlacedNode {
  if (regions.length === 0) return node;
  switch (assignment.by) {
    case "round-robin":
      return { ...node, region: regions[place % regions.length] };
    case "host-regions":
      return { ...node, region: node.hostRegion };
    case "list":
      return { ...node, region: assignment.regions[place] };
    case "hosts":
      return { ...node, region: assignment.regionOf.get(node.host ?? "") };
  }
}

/** What is set for a direction; where only the other direction is given, that counts for both. */
function indexPairs(pairs: readonly PairChange[]) {
  const key = (from: string, to: string) => JSON.stringify([from, to]);
  const changes = new Map(pairs.map(({ from, to, change }) => [key(from, to), change]));
  return (from: string, to: string) => changes.get(key(from, to)) ?? changes.get(key(to, from));
}

const applyChanges = (changes: readonly (ShapeChange | undefined)[]): LinkShape =>
  changeShape(unshaped, Object.assign({}, ...changes));

/** Names of nodes and groups that this network does not have. */
function findStrangers(spec: LinksSpec, nodes: readonly LinkNode[]): SchemaDiagnostic[] {
  const names = nodes.map(({ name }) => name);
  const groups = [...new Set(nodes.map(({ group }) => group))];
  const ofPairs = (pairs: readonly PairChange[], noun: NamePlace["noun"], known: readonly string[]) =>
    pairs.flatMap(({ from, to, path }) => [
      ...unknownName(from, { noun, known, path: [...path, "from"], key: "from" }),
      ...unknownName(to, { noun, known, path: [...path, "to"], key: "to" }),
    ]);
  const edges = spec.topology.kind === "edges" ? spec.topology.edges : [];
  const placed = [...(spec.ground?.positions.keys() ?? [])];
  return [
    ...ofPairs(spec.groupPairs, "group", groups),
    ...ofPairs(spec.nodePairs, "node", names),
    ...placed.flatMap((name) =>
      unknownName(name, { noun: "node", known: names, path: ["positions", name], key: "positions" }),
    ),
    ...edges.flatMap((edge, place) =>
      edge.flatMap((name, side) =>
        unknownName(name, {
          noun: "node",
          known: names,
          path: ["topology", "edges", place, side],
          key: "edges",
        }),
      ),
    ),
  ];
}

interface NamePlace extends Pick<SchemaDiagnostic, "path"> {
  readonly noun: "group" | "node";
  readonly known: readonly string[];
  readonly key: string;
}

function unknownName(name: string, { noun, known, path, key }: NamePlace): SchemaDiagnostic[] {
  if (known.includes(name)) return [];
  const some = known.length > 6 ? [...known.slice(0, 3), "…", ...known.slice(-1)] : known;
  const message = `${key}: this network has no ${noun} ${name}, only ${some.join(", ")}.${suggestion(name, known)}`;
  return [{ path, message: message.replace(/\.$/, "") }];
}

/** Nodes that no region is assigned to. */
function findUnplaced({ assignment, regions }: LinksSpec, nodes: readonly LinkNode[]): SchemaDiagnostic[] {
  if (regions.length === 0) return [];
  const path = ["assign"];
  if (assignment.by === "list" && assignment.regions.length < nodes.length) {
    const message = `assign: names ${assignment.regions.length} regions for ${nodes.length} nodes; name one for each node`;
    return [{ path, message }];
  }
  if (assignment.by === "host-regions") {
    return nodes
      .filter(({ hostRegion }) => hostRegion === undefined || !regions.includes(hostRegion))
      .map(({ name, host, hostRegion }) => ({
        path,
        message: `assign: ${whyNoRegion({ name, host, hostRegion }, regions)}`,
      }));
  }
  if (assignment.by !== "hosts") return [];
  return nodes
    .filter(({ host }) => host === undefined || !assignment.regionOf.has(host))
    .map(({ name, host }) => ({
      path,
      message:
        host === undefined
          ? `assign: ${name} runs on this machine, not on a host; use round-robin or a list`
          : `assign: host ${host} of ${name} has no region; add it under hosts:`,
    }));
}

function whyNoRegion(
  { name, host, hostRegion }: Omit<LinkNode, "group">,
  regions: readonly string[],
): string {
  if (host === undefined) return `${name} runs on this machine, not on a host; use round-robin or a list`;
  const known = `the regions are ${regions.join(", ")}`;
  return hostRegion === undefined
    ? `host ${host} of ${name} is labelled with no region; set its region to one of ${regions.join(", ")}`
    : `host ${host} of ${name} is labelled ${hostRegion}, which is no region of these links; ${known}`;
}
