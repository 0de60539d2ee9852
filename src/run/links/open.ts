/** What a run has to do with emulated links: nothing where its network has none. */
import type { LinkMatrix, PlacedNode } from "../../contracts/links/matrix.ts";
import { unshaped } from "../../contracts/links/shape.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { compileTimeline, type TimelineSettings } from "../../links/timeline/compile.ts";
import type { Steps } from "../../load/timeline/steps.ts";
import type { RunRequest } from "../watch/run-request.ts";
import { LinkCertifier, type LinkCertifierOptions } from "./certifier.ts";
import { LinkControl } from "./control.ts";

/** The links of a run's network, under control; undefined where they are not emulated. */
export function controlLinks({ network, links, clock }: RunRequest): LinkControl | undefined {
  if (network.links === undefined || links === undefined) return undefined;
  return new LinkControl(network.links, { matrix: links.matrix, clock });
}

/** What measures them; undefined where they are not emulated. */
export function openCertifier(
  { network, links: planned, ...request }: RunRequest,
  control: LinkControl | undefined,
  options: Pick<LinkCertifierOptions, "windowSecs" | "underLoad" | "unreachable">,
): LinkCertifier | undefined {
  if (network.links === undefined || planned === undefined || control === undefined) return undefined;
  const { name } = request.parameters.links ?? {};
  return new LinkCertifier({ ...request, ...options, links: network.links, planned, control, name });
}

/** What a user's timeline comes to in a window. @throws ConfigurationError where it does not fit the network */
export function timelineSteps(request: RunRequest, windowSecs: number): Steps {
  const { timeline } = request.parameters;
  if (timeline === undefined) return [];
  const { steps, problems } = compileTimeline(timeline.entries, timelineSettings(request, windowSecs));
  if (problems.length === 0) return steps;
  throw new ConfigurationError(
    problems.map(({ path, message }) => ({
      code: "timeline-file",
      message: `${path.join(": ")}: ${message}.`,
    })),
  );
}

export function timelineSettings(
  { network, links, parameters }: RunRequest,
  windowSecs: number,
): TimelineSettings {
  const committee = network.nodes.map(({ name, role }): PlacedNode => ({ name, group: role }));
  const placed = new Map(links?.matrix.nodes.map((node) => [node.name, node]));
  return {
    nodes: committee.map((node) => placed.get(node.name) ?? node),
    matrix: links?.matrix ?? unshapedMatrix(committee),
    windowMs: windowSecs * 1000,
    name: parameters.timeline?.name ?? "timeline",
    places: parameters.timeline?.places,
  };
}

const unshapedMatrix = (nodes: readonly PlacedNode[]): LinkMatrix => ({
  nodes,
  regions: [],
  shapes: nodes.map((from) => nodes.map((to) => (from === to ? undefined : unshaped))),
  regionShapes: [],
});
