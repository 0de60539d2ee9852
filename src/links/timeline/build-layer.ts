import type { LinkMatrix } from "../../contracts/links/matrix.ts";
import {
  cutMoments,
  flapMoments,
  type Layer,
  type LayerMoment,
  mostRampSteps,
  rampMoments,
  type Shapes,
  setMoments,
} from "./layers.ts";
import type { Occurrence } from "./occurrences.ts";
import {
  type Complain,
  type Link,
  linksAt,
  linksBetween,
  type Surroundings,
  selectGroups,
  selectLinks,
  selectNodes,
} from "./select.ts";
import type { LinkSelector, Selector, TimelineAction } from "./spec.ts";

interface Setting {
  readonly matrix: LinkMatrix;
  readonly around: Surroundings;
  readonly shapes: Shapes;
  readonly complain: Complain;
}

type LinksAndText = Pick<Layer, "links" | "what">;

/** At most so many changes of single links. */
export function layerCost({ item: { action }, startMs, endMs = startMs }: Occurrence, nodes: number): number {
  const links = nodes * (nodes - 1);
  if (action.kind === "ramp") return links * mostRampSteps;
  if (action.kind === "flap") return links * 2 * (1 + (endMs - startMs) / (action.upMs + action.downMs));
  return links * 2;
}

/** What an action on links does; undefined for one on nodes, and where something is wrong, which is reported. */
export function buildLayer(occurrence: Occurrence, setting: Setting): Layer | undefined {
  const { item, entry, startMs, endMs } = occurrence;
  const { action } = item;
  const { shapes, around, matrix } = setting;
  const complain: Complain = (message) => setting.complain(`${action.kind}: ${message}`);
  const cutNodes = (nodes: Selector, text = ""): LinksAndText => {
    const places = selectNodes(nodes, around, complain);
    return { links: linksAt(places, matrix.nodes.length), what: `${namesOf(places, around)}${text}` };
  };
  const layer = (part: LinksAndText, moments: readonly LayerMoment[], lasts = false): Layer | undefined => {
    const kind = action.kind as Layer["action"];
    return { action: kind, entry, ...part, moments, ...(lasts ? {} : { endMs }) };
  };
  switch (action.kind) {
    case "partition":
      return layer(cutGroups(action.groups, around, complain), cutMoments(startMs, shapes));
    case "isolate":
      return layer(cutNodes(action.nodes), cutMoments(startMs, shapes));
    case "flap": {
      const { upMs, downMs, nodes } = action;
      const moments = flapMoments({ startMs, endMs: endMs ?? startMs, upMs, downMs }, shapes);
      return layer(cutNodes(nodes, `: ${downMs} ms down, ${upMs} ms up`), moments);
    }
    case "set":
      return layer(chosenLinks(action, around, complain), setMoments(startMs, action.change, shapes));
    case "ramp": {
      const part = chosenLinks(action, around, complain);
      checkRate(action, part.links, setting);
      const moments = rampMoments({ startMs, endMs: endMs ?? startMs, change: action.change }, shapes);
      return layer(part, moments, true);
    }
    default:
      return undefined;
  }
}

/** Nodes that are in no group form the last one. */
function cutGroups(selectors: readonly Selector[], around: Surroundings, complain: Complain): LinksAndText {
  let isRefused = false;
  const named = selectGroups(selectors, around, (message) => {
    isRefused = true;
    complain(message);
  });
  const inGroups = new Set(named.flat());
  const rest = [...around.nodes.keys()].filter((place) => !inGroups.has(place));
  const groups = [...named, rest].filter((group) => group.length > 0);
  if (groups.length < 2 && !isRefused)
    complain("all nodes are in one group; name two, or leave some nodes out");
  return { links: linksBetween(groups), what: groups.map((group) => namesOf(group, around)).join(" | ") };
}

function chosenLinks(
  { text, links }: Extract<TimelineAction, { kind: "set" | "ramp" }>,
  around: Surroundings,
  complain: Complain,
): LinksAndText {
  return { links: selectLinks(links, around, complain), what: `${text} (${describeLinks(links)})` };
}

function describeLinks(links: LinkSelector): string {
  if (links.kind === "between") {
    const groups = links.groups.map(describeSelector);
    return groups.length === 1 ? `within ${groups[0]}` : `between ${groups.join(" and ")}`;
  }
  const [from, to] = [describeSelector(links.from), describeSelector(links.to)];
  return from === "all" && to === "all" ? "all links" : `${from} to ${to}`;
}

const describeSelector = (selector: Selector) =>
  selector.map((part) => (typeof part === "string" ? part : `${part.count} at random`)).join(", ");

/** Most nodes that a text names. */
const mostNames = 8;

function namesOf(places: readonly number[], { nodes }: Surroundings): string {
  const names = places.map((place) => nodes[place]?.name ?? "");
  if (names.length === nodes.length) return "all";
  if (names.length <= mostNames) return names.join(", ");
  return `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}

/** From no limit to one there are no steps. */
function checkRate(
  { change }: Extract<TimelineAction, { kind: "set" | "ramp" }>,
  links: readonly Link[],
  { matrix, complain }: Setting,
): void {
  if (change.rateBps === undefined) return;
  const bare = links.find(({ from, to }) => matrix.shapes[from]?.[to]?.rateBps === undefined);
  if (bare === undefined) return;
  const [from, to] = [bare.from, bare.to].map((place) => matrix.nodes[place]?.name);
  complain(
    `rate: the link from ${from} to ${to} has no rate to begin with; give one in the links, or use set:`,
  );
}
