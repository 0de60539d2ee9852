import type { NodeAction, NodeStep } from "../../contracts/links/timeline.ts";
import type { SchemaDiagnostic } from "../../core/documents/schema-issues.ts";
import { type Occurrence, seconds } from "./occurrences.ts";

/** What an action does to the nodes of an entry. */
export interface NodeOccurrence extends Occurrence {
  readonly action: NodeAction;
  /** Places in the committee. */
  readonly nodes: readonly number[];
}

/** What undoes an action after its time. */
const undoneBy: Partial<Record<NodeAction, NodeAction>> = { crash: "restart", pause: "resume" };

type NodeState = "running" | "down" | "paused";

/** The state in which a node must be, and the one that it is in afterwards. */
const changes: Readonly<Record<NodeAction, { readonly from: NodeState; readonly to: NodeState }>> = {
  crash: { from: "running", to: "down" },
  restart: { from: "down", to: "running" },
  pause: { from: "running", to: "paused" },
  resume: { from: "paused", to: "running" },
};

interface NodeEvent {
  readonly atMs: number;
  readonly isEnd: boolean;
  readonly action: NodeAction;
  readonly nodes: readonly number[];
  readonly entry: number;
}

/**
 * The steps of all node actions, in order; of one moment what ends comes first.
 *
 * @param placeOf of an entry, for people
 * @param nameOf a node
 */
export function compileNodes(
  occurrences: readonly NodeOccurrence[],
  {
    placeOf,
    nameOf,
  }: { readonly placeOf: (entry: number) => string; readonly nameOf: (node: number) => string },
): { readonly steps: readonly NodeStep[]; readonly problems: readonly SchemaDiagnostic[] } {
  const events = occurrences
    .flatMap(eventsOf)
    .sort((a, b) => a.atMs - b.atMs || Number(b.isEnd) - Number(a.isEnd));
  const states = new Map<number, { readonly state: NodeState; readonly since: NodeEvent }>();
  const problems: SchemaDiagnostic[] = [];
  for (const event of events) {
    const { from, to } = changes[event.action];
    for (const node of event.nodes) {
      const { state, since } = states.get(node) ?? { state: "running" };
      if (state !== from) {
        const cause = since === undefined ? "" : ` since ${seconds(since.atMs)} (${placeOf(since.entry)})`;
        const what = event.isEnd ? `${event.action} after its for` : event.action;
        const message = `${what}: at ${seconds(event.atMs)} ${nameOf(node)} is ${state}${cause}, not ${from}; change one of the times`;
        problems.push({ path: [event.entry], message });
      }
      states.set(node, { state: to, since: event });
    }
  }
  const steps = events.map(
    ({ atMs, action, nodes, entry }): NodeStep => ({
      kind: "nodes",
      atMs,
      place: placeOf(entry),
      action,
      nodes,
    }),
  );
  return { steps, problems };
}

function eventsOf({ action, nodes, entry, startMs, endMs }: NodeOccurrence): NodeEvent[] {
  const undo = undoneBy[action];
  return [
    { atMs: startMs, isEnd: false, action, nodes, entry },
    ...(endMs === undefined || undo === undefined
      ? []
      : [{ atMs: endMs, isEnd: true, action: undo, nodes, entry }]),
  ];
}
