/** Whether links that share their ends stay alike through a timeline. Pure. */
import type { LinkMatrix } from "../../contracts/links/matrix.ts";
import type { LinkShape } from "../../contracts/links/shape.ts";
import type { LinkPair } from "../../contracts/links/shaping.ts";
import type { LinkStep, TimelineStep } from "../../contracts/links/timeline.ts";
import { pairKey } from "./plan.ts";

/** All links from the nodes of one host to those of another, or within a host. */
interface HostLinks {
  /** "from paris to tokyo" */
  readonly where: string;
  readonly links: readonly LinkPair[];
}

/** What is wrong with an entry of a timeline. */
export interface StepProblem {
  /** Of the entry. */
  readonly place?: string | undefined;
  readonly message: string;
}

/**
 * Nodes of a host are reached at one address, so that their links cannot be told apart: finds the entries that change
 * only some of the links between two hosts, unless others complete them at the same moment. Links that differ already
 * without the timeline are left to `checkHostLinks`.
 *
 * @param steps in order
 * @returns one problem for each entry
 */
export function findHostStepProblems(matrix: LinkMatrix, steps: readonly TimelineStep[]): StepProblem[] {
  const hostLinks = groupByHosts(matrix);
  const shapes = openTexts(matrix);
  const shared = new Map<string, HostLinks>();
  for (const group of hostLinks) {
    if (group.links.length < 2 || !shapes.areAlike(group.links)) continue;
    for (const link of group.links) shared.set(pairKey(link), group);
  }
  const problems = new Map<string | undefined, StepProblem>();
  for (const moment of Map.groupBy(steps.filter(isLinkStep), ({ atMs }) => atMs).values()) {
    for (const { changes } of moment) for (const change of changes) shapes.set(change, change.shape);
    for (const step of moment) {
      if (problems.has(step.place)) continue;
      const touched = Map.groupBy(step.changes, (change) => shared.get(pairKey(change)));
      for (const [group, changed] of touched) {
        if (group === undefined || changed.length === group.links.length) continue;
        if (shapes.areAlike(group.links)) continue;
        problems.set(step.place, { place: step.place, message: describe(step, group, changed) });
        break;
      }
    }
  }
  return [...problems.values()];
}

const isLinkStep = (step: TimelineStep): step is LinkStep => step.kind === "links";

/** Nothing for nodes without a host: each of these has an address of its own. */
function groupByHosts({ nodes, shapes }: LinkMatrix): HostLinks[] {
  const links = nodes.flatMap(({ name: from, host: fromHost }, row) =>
    nodes.flatMap(({ name: to, host: toHost }, column) => {
      const isLink = shapes[row]?.[column] !== undefined;
      if (!isLink || fromHost === undefined || toHost === undefined) return [];
      const where = fromHost === toHost ? `within ${fromHost}` : `from ${fromHost} to ${toHost}`;
      return [{ from, to, where }];
    }),
  );
  return [...Map.groupBy(links, ({ where }) => where)].map(([where, own]) => ({ where, links: own }));
}

/** The shapes that links have now, to be compared. */
function openTexts({ nodes, shapes }: LinkMatrix) {
  const texts = new Map<LinkShape, string>();
  const textOf = (shape: LinkShape) => {
    const text = texts.get(shape) ?? JSON.stringify(Object.entries(shape).sort());
    texts.set(shape, text);
    return text;
  };
  const now = new Map<string, string>();
  const set = (link: LinkPair, shape: LinkShape) => now.set(pairKey(link), textOf(shape));
  for (const [row, ofRow] of shapes.entries()) {
    for (const [column, shape] of ofRow.entries()) {
      const [from = "", to = ""] = [nodes[row]?.name, nodes[column]?.name];
      if (shape !== undefined) set({ from, to }, shape);
    }
  }
  return {
    set,
    areAlike: (links: readonly LinkPair[]) => {
      const first = links[0] && now.get(pairKey(links[0]));
      return links.every((link) => now.get(pairKey(link)) === first);
    },
  };
}

function describe({ action }: LinkStep, { where, links }: HostLinks, changed: readonly LinkPair[]): string {
  const keys = new Set(changed.map(pairKey));
  const left = links.find((link) => !keys.has(pairKey(link)));
  const name = (link: LinkPair | undefined) => `${link?.from} → ${link?.to}`;
  return `${action}: it changes only some of the links ${where} (${name(changed[0])}, not ${name(left)}), but the nodes of a host are reached at one address. Name all nodes of a host, or give each node a host of its own.`;
}
