import { isDeepStrictEqual } from "node:util";
import type { DeploymentPlan } from "../../contracts/deployment.ts";
import type { LinkMatrix, LinkNode } from "../../contracts/links/matrix.ts";
import { type LinkShape, unshaped } from "../../contracts/links/shape.ts";
import { linksOf } from "../../contracts/links/shaping.ts";
import type { LinksParameters, SweepParameters } from "../../contracts/parameters.ts";
import type { SchemaDiagnostic } from "../../core/documents/schema-issues.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { findHostStepProblems, type StepProblem } from "../../deploy/links/host-steps.ts";
import { listPlannedNodes, placeHelpers } from "../../deploy/nodes/planned.ts";
import { toSpec } from "../../links/parse.ts";
import { resolveLinks } from "../../links/resolve.ts";
import { type CompiledTimeline, compileTimeline } from "../../links/timeline/compile.ts";
import { knownLoadsTps, windowSecsAt } from "../../load/level/phases.ts";

type Groups = Pick<DeploymentPlan, "groups" | "links" | "needsOverlay">;

/** What of a sweep's parameters links and timeline depend on. */
export type LinkingParameters = Pick<
  SweepParameters,
  | "links"
  | "timeline"
  | "seed"
  | "remote"
  | "loadsTps"
  | "search"
  | "durationSecs"
  | "numTransactions"
  | "profile"
>;

/**
 * Links of a plan, and all that does not fit its nodes, or the shortest window of the sweep.
 *
 * @param holdsTopology nodes connect to their neighbours only, so that nothing need keep them from the others
 */
export function planLinks(
  plan: Groups,
  parameters: LinkingParameters,
  holdsTopology: boolean,
): Pick<DeploymentPlan, "links" | "edges"> & { readonly diagnostics: readonly Diagnostic[] } {
  const { links, timeline, seed } = parameters;
  const hasOverlay = plan.needsOverlay === true;
  if (links === undefined && timeline === undefined && !hasOverlay) return { diagnostics: [] };
  const { matrix, problems } = resolveFor(plan, parameters);
  if (matrix === undefined)
    return { diagnostics: problems.map((problem) => linksDiagnostic(problem, links)) };
  const { steps, problems: misfits } = compileFor({ plan, matrix }, parameters, shortestWindowMs(parameters));
  if (misfits.length > 0)
    return { diagnostics: misfits.map((problem) => timelineDiagnostic(problem, parameters)) };
  // With interfaces of their own, nodes of a host have addresses of their own.
  const unlike = hasOverlay ? [] : findHostStepProblems(matrix, steps);
  if (unlike.length > 0) return { diagnostics: unlike.map((problem) => stepDiagnostic(problem, parameters)) };
  const shapes = steps.flatMap((step) =>
    step.kind === "links" ? step.changes.map(({ shape }) => shape) : [],
  );
  const isShaped = hasOverlay || links !== undefined || steps.some(({ kind }) => kind === "links");
  if (!isShaped) return { diagnostics: [] };
  const edges = edgesOf(matrix);
  if (holdsTopology && edges !== undefined && shapes.length === 0 && isPlain(matrix)) {
    return { edges, diagnostics: [] };
  }
  const overlay = hasOverlay ? { edges: edges ?? pairsOf(matrix).map(namesIn(matrix)) } : undefined;
  const planned = { matrix, mechanism: links?.mechanism, seed, later: kindsOf(shapes), overlay };
  return { links: planned, edges, diagnostics: [] };
}

/** Pairs of which not both directions are down; undefined where that is every pair. Nodes apart are in none. */
function edgesOf(matrix: LinkMatrix): DeploymentPlan["edges"] {
  const { shapes, ground } = matrix;
  // What is too far away may come nearer.
  const isDown = (from: number, to: number) =>
    shapes[from]?.[to]?.down === true && ground?.layerOf[from]?.[to] === undefined;
  const pairs = pairsOf(matrix);
  const edges = pairs.filter(([from, to]) => !(isDown(from, to) && isDown(to, from)));
  if (edges.length === pairs.length) return undefined;
  return edges.map(namesIn(matrix));
}

/** Places of all pairs of nodes that are in the topology. */
const pairsOf = ({ nodes }: LinkMatrix) =>
  nodes.flatMap((one, from) =>
    nodes.slice(0, from).flatMap((other, to) => (one.isApart || other.isApart ? [] : [[to, from] as const])),
  );

const namesIn =
  ({ nodes }: LinkMatrix) =>
  ([from, to]: readonly [number, number]) =>
    [nodes[from]?.name ?? "", nodes[to]?.name ?? ""] as const;

/** Nothing but links that are down. */
const isPlain = (matrix: LinkMatrix) =>
  linksOf(matrix).every(({ shape }) => shape.down || isDeepStrictEqual(shape, unshaped));

function compileFor(
  { plan, matrix }: { readonly plan: Groups; readonly matrix: LinkMatrix },
  { timeline }: LinkingParameters,
  windowMs: number,
): CompiledTimeline {
  if (timeline === undefined) return { steps: [], problems: [] };
  const { name, entries, places } = timeline;
  const planned = listPlannedNodes(plan);
  const nodes = matrix.nodes.filter((_, place) => planned[place]?.group.isHelper !== true);
  return compileTimeline(entries, { nodes, matrix, windowMs, name, places });
}

const resolveFor = (plan: Groups, { links, remote }: LinkingParameters) =>
  resolveLinks(toSpec(links?.document ?? {}), linkNodes(plan, remote));

function linkNodes(plan: Groups, remote: LinkingParameters["remote"]): readonly LinkNode[] {
  const hosts = placeHelpers(plan, remote?.hosts ?? []);
  return listPlannedNodes(plan).map(({ name, role, group: { isApart } }, number) => {
    const host = hosts.find(({ nodes }) => nodes.includes(number));
    const place = { name, group: role, host: host?.name, hostRegion: host?.region };
    return isApart === true ? { ...place, isApart } : place;
  });
}

const shortestWindowMs = (parameters: LinkingParameters) =>
  1000 * Math.min(...knownLoadsTps(parameters).map((loadTps) => windowSecsAt(loadTps, parameters)));

/** Of each combination of features the shape with the longest delay. */
function kindsOf(shapes: readonly LinkShape[]): readonly LinkShape[] {
  const kinds = new Map<string, LinkShape>();
  for (const shape of new Set(shapes)) {
    const { delayMs, jitter, loss, rateBps, duplicateRatio, reorderRatio, corruptRatio, down } = shape;
    const features = [
      [delayMs, duplicateRatio, reorderRatio, corruptRatio].map((value) => value > 0),
      [jitter?.distribution, loss?.kind, rateBps !== undefined, down],
    ];
    const kind = JSON.stringify(features);
    const before = kinds.get(kind);
    if (before === undefined || before.delayMs < delayMs) kinds.set(kind, shape);
  }
  return [...kinds.values()];
}

function linksDiagnostic(
  { path, message }: SchemaDiagnostic,
  links: LinksParameters | undefined,
): Diagnostic {
  const place = links?.placeOf?.(path) ?? links?.name ?? "links";
  return { code: "links-file", message: `${place}: ${ended(message)}` };
}

const timelineDiagnostic = (
  { path: [entry], message }: SchemaDiagnostic,
  parameters: LinkingParameters,
): Diagnostic => stepDiagnostic({ place: parameters.timeline?.places[Number(entry)], message }, parameters);

function stepDiagnostic({ place, message }: StepProblem, { timeline }: LinkingParameters): Diagnostic {
  const where = place ?? timeline?.name ?? "timeline";
  return { code: "timeline-file", message: `${where}: ${ended(message)}` };
}

const ended = (message: string) => (/[.?]$/.test(message) ? message : `${message}.`);
