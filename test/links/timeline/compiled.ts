import type { PlacedNode } from "../../../src/contracts/links/matrix.ts";
import { compileTimeline, type TimelineSettings } from "../../../src/links/timeline/compile.ts";
import { parseTimeline } from "../../../src/links/timeline/parse.ts";
import { matrixOf, nodesOf } from "../linked.ts";

export interface Asked extends Partial<Pick<TimelineSettings, "windowMs">> {
  /** Of the links file. */
  readonly links?: string;
  readonly nodes?: readonly PlacedNode[];
}

/** What a timeline comes to for four nodes and a minute, or all that is wrong with it, as people read it. */
export function compiled(text: string, { links = "{}", nodes = nodesOf(4), windowMs = 60_000 }: Asked = {}) {
  const { entries, places, diagnostics } = parseTimeline(text, "timeline.yaml");
  if (entries === undefined) return { steps: [], problems: diagnostics.map(({ message }) => message) };
  const settings = { nodes, matrix: matrixOf(links, nodes), windowMs, name: "timeline.yaml", places };
  const { steps, problems } = compileTimeline(entries, settings);
  const told = problems.map(({ path: [entry = 0], message }) => `${places[Number(entry)]}: ${message}`);
  return { steps, problems: told };
}

/** The steps of links as lines: "1000 set begin: node0 node1 50". */
export function linkLines(text: string, asked?: Asked): string[] {
  const { steps, problems } = compiled(text, asked);
  if (problems.length > 0) throw new TypeError(problems.join("\n"));
  return steps.flatMap((step) => {
    if (step.kind !== "links") return [];
    const changes = step.changes.map(
      ({ from, to, shape }) => `${from}>${to} ${shape.down ? "down" : shape.delayMs}`,
    );
    return [`${step.atMs} ${step.action} ${step.stage}: ${changes.join(", ")}`];
  });
}

export function nodeLines(text: string, asked?: Asked): string[] {
  const { steps, problems } = compiled(text, asked);
  if (problems.length > 0) throw new TypeError(problems.join("\n"));
  return steps.flatMap((step) =>
    step.kind === "nodes" ? [`${step.atMs} ${step.action} ${step.nodes.join(",")} ${step.place}`] : [],
  );
}
