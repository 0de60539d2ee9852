import type { LinkMatrix, PlacedNode } from "../../contracts/links/matrix.ts";
import {
  type LinkStep,
  type NodeStep,
  nodeActions,
  type TimelineStep,
} from "../../contracts/links/timeline.ts";
import type { SchemaDiagnostic } from "../../core/documents/schema-issues.ts";
import { buildLayer, layerCost } from "./build-layer.ts";
import { type Layer, openShapes, type Shapes } from "./layers.ts";
import { type Healing, linkSteps } from "./link-steps.ts";
import { compileMoves, type MoveOccurrence } from "./moves.ts";
import { compileNodes, type NodeOccurrence } from "./node-steps.ts";
import { listOccurrences, type Occurrence } from "./occurrences.ts";
import { toItem } from "./parse.ts";
import { type Complain, type Surroundings, selectNodes } from "./select.ts";

export interface TimelineSettings {
  /** The nodes that can be crashed, restarted, paused and resumed: those of the committee, in its order. */
  readonly nodes: readonly PlacedNode[];
  /** The links as they are without the timeline; its nodes may be more. */
  readonly matrix: LinkMatrix;
  readonly windowMs: number;
  /** Of the timeline, for places: "jamming", "timeline.yaml". */
  readonly name: string;
  /** Where each entry stands: "timeline.yaml:12". Default: "timeline.yaml, entry 3". */
  readonly places?: readonly string[] | undefined;
  /** Place of the first entry that a person made by hand while the run went on. Default: none. */
  readonly manualFrom?: number | undefined;
}

export interface CompiledTimeline {
  /** In order. Those of links give whole shapes, of links that change only. Empty where there are problems. */
  readonly steps: readonly TimelineStep[];
  /** All that does not fit this network or window; a path begins with the place of the entry. */
  readonly problems: readonly SchemaDiagnostic[];
}

/** Most changes of single links: a gigabyte would be needed for ten times as many. */
const mostChanges = 2_000_000;

/** A timeline whose steps on links are worked out when they are asked for. */
export interface PlannedTimeline {
  /** All that does not fit this network or window; then there are no steps. */
  readonly problems: readonly SchemaDiagnostic[];
  readonly nodeSteps: readonly NodeStep[];
  /** In order. @param fromMs those before it are left out */
  readonly linkSteps: (fromMs?: number) => Iterable<LinkStep>;
}

/**
 * What a timeline does to one network, step by step. Overlapping actions on links stack in the order of their start, and
 * each ends by itself. The steps do not heal links at the end of the window: the caller restores the matrix. Pure.
 *
 * @param entries plain JSON as a timeline has it, checked by `parseTimeline`
 */
export function compileTimeline(entries: readonly unknown[], settings: TimelineSettings): CompiledTimeline {
  const { problems, nodeSteps, linkSteps: ofLinks } = planTimeline(entries, settings);
  // Stable: at one moment, nodes come before links.
  const steps = [...nodeSteps, ...ofLinks()].sort((a, b) => a.atMs - b.atMs);
  return { steps, problems };
}

/** The same, without the work that shapes of links take. */
export function planTimeline(entries: readonly unknown[], settings: TimelineSettings): PlannedTimeline {
  const { nodes, matrix, windowMs, name, places, manualFrom } = settings;
  const items = entries.map(toItem);
  const { occurrences, problems } = listOccurrences(items, windowMs);
  const found = [...problems];
  const placeOf = (entry: number) => places?.[entry] ?? `${name}, entry ${entry + 1}`;
  const ofNodes = compileNodes(selectOccurrences(occurrences, settings, found), {
    placeOf,
    nameOf: (node) => nodes[node]?.name ?? "",
  });
  found.push(...ofNodes.problems);
  const shapes = openShapes();
  const { layers, healings } = buildLayers(occurrences, { matrix, shapes, problems: found });
  const moves = compileMoves(movesIn(occurrences), {
    matrix,
    windowMs,
    complain: (entry) => complainTo(found, [entry, "move"]),
  });
  const moving = moves.reduce((sum, { moved }) => sum + 2 * moved.length * matrix.nodes.length, 0);
  if (moving > mostChanges)
    found.push({ path: [moves[0]?.entry ?? 0], message: tooMany("fewer moves, or a longer tick:") });
  if (found.length > 0) return { problems: eachOnce(found), nodeSteps: [], linkSteps: () => [] };
  const setting = { matrix, shapes, placeOf, manualFrom };
  return {
    problems: [],
    nodeSteps: ofNodes.steps,
    linkSteps: (fromMs) => linkSteps({ layers, healings, moves }, setting, fromMs),
  };
}

const movesIn = (occurrences: readonly Occurrence[]) =>
  occurrences.flatMap((occurrence): MoveOccurrence[] => {
    const { action } = occurrence.item;
    return action.kind === "move" ? [{ ...occurrence, action }] : [];
  });

const tooMany = (remedy: string) =>
  `the timeline would change links more than ${mostChanges.toLocaleString("en-US")} times; use ${remedy}`;

/** Repeated problems are reported once. */
function eachOnce(problems: readonly SchemaDiagnostic[]): readonly SchemaDiagnostic[] {
  return [
    ...new Map(
      problems.map((problem) => [JSON.stringify([problem.path[0], problem.message]), problem]),
    ).values(),
  ];
}

const complainTo =
  (problems: SchemaDiagnostic[], path: SchemaDiagnostic["path"]): Complain =>
  (message) =>
    problems.push({ path, message });

function selectOccurrences(
  occurrences: readonly Occurrence[],
  { nodes, matrix }: TimelineSettings,
  problems: SchemaDiagnostic[],
): readonly NodeOccurrence[] {
  const around: Surroundings = { nodes, regions: matrix.regions };
  const helpers = new Set(matrix.nodes.map(({ name }) => name)).difference(
    new Set(nodes.map(({ name }) => name)),
  );
  return occurrences.flatMap((occurrence) => {
    const { action } = occurrence.item;
    const kind = nodeActions.find((one) => one === action.kind);
    if (kind === undefined || !("nodes" in action)) return [];
    const helper = action.nodes.find((part) => typeof part === "string" && helpers.has(part));
    const complain = complainTo(problems, [occurrence.entry, kind]);
    if (helper !== undefined) {
      complain(`${kind}: ${String(helper)} is no node of the committee; name one of those`);
      return [];
    }
    return [
      { ...occurrence, action: kind, nodes: selectNodes(action.nodes, around, prefixed(kind, complain)) },
    ];
  });
}

const prefixed =
  (key: string, complain: Complain): Complain =>
  (message) =>
    complain(`${key}: ${message}`);

function buildLayers(
  occurrences: readonly Occurrence[],
  { matrix, shapes, problems }: { matrix: LinkMatrix; shapes: Shapes; problems: SchemaDiagnostic[] },
) {
  const around: Surroundings = { nodes: matrix.nodes, regions: matrix.regions };
  const layers: Layer[] = [];
  const healings: Healing[] = [];
  let cost = 0;
  for (const occurrence of occurrences) {
    const { action } = occurrence.item;
    const { entry, startMs } = occurrence;
    if (action.kind === "move") continue;
    if (action.kind === "heal") {
      healings.push({ atMs: startMs, entry });
      continue;
    }
    cost += layerCost(occurrence, matrix.nodes.length);
    if (cost > mostChanges) {
      problems.push({ path: [entry], message: tooMany("fewer or longer actions") });
      break;
    }
    const complain = complainTo(problems, [entry, action.kind]);
    const layer = buildLayer(occurrence, { matrix, around, shapes, complain });
    if (layer !== undefined) layers.push(layer);
  }
  return { layers, healings };
}
