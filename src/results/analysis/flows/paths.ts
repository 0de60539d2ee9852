/** Routes of hosts over time, and the paths of flows that follow from them. Pure. */
import type { ViewEvent } from "../../../contracts/load/flow-events.ts";
import type { PlannedFlow } from "../../../contracts/load/flows.ts";
import type { FlowPath, RouteChange } from "../../../contracts/results/native/flows.ts";
import type { FlowRecord } from "./record.ts";
import { type FlowWindow, timeOf } from "./timed-flow.ts";

type Route = Pick<RouteChange, "via" | "metric">;
/** By host, then by where it leads. */
type Routes = ReadonlyMap<string, ReadonlyMap<string, Route>>;

/** Something a host told of the network, or that its program began, which knows no routes yet. */
interface Told {
  readonly ms: number;
  readonly host: string;
  readonly view: ViewEvent | undefined;
}

export interface NetworkPaths {
  /** By the flow's name, in order; empty without a view. Times may be before the window. */
  readonly paths: ReadonlyMap<string, readonly FlowPath[]>;
  readonly routes: readonly RouteChange[];
  /** In the window. */
  readonly routeChanges: number;
}

const mostRoutes = 2000;

export function networkPaths(
  record: FlowRecord,
  window: FlowWindow,
  flows: readonly PlannedFlow[],
): NetworkPaths {
  const told = record.hosts
    .flatMap(({ name, views, startsMs }): Told[] => [
      ...startsMs.map((at) => ({ ms: timeOf(window, name, at), host: name, view: undefined })),
      ...views.map((view) => ({ ms: timeOf(window, name, view.at), host: name, view })),
    ])
    .sort((a, b) => a.ms - b.ms);
  const state = new Map<string, Map<string, Route>>(record.hosts.map(({ name }) => [name, new Map()]));
  const paths = new Map<string, FlowPath[]>(flows.map(({ name }) => [name, []]));
  const changes: RouteChange[] = [];
  if (!told.some(({ view }) => view !== undefined)) return { paths, routes: [], routeChanges: 0 };
  for (const [place, { ms, host, view }] of told.entries()) {
    if (ms >= window.lengthSecs * 1000) break;
    const before = state.get(host) ?? new Map<string, Route>();
    const now = routesOf(view);
    state.set(host, now);
    const fromSecs = Math.max(0, ms / 1000);
    for (const to of new Set([...before.keys(), ...now.keys()])) {
      if (before.get(to)?.via !== now.get(to)?.via) changes.push({ fromSecs, host, to, ...now.get(to) });
    }
    // Of what is told at one moment, the last counts.
    if (told[place + 1]?.ms === ms) continue;
    for (const flow of flows) follow(paths.get(flow.name) as FlowPath[], state, flow, fromSecs);
  }
  const shown = [...latestAtStart(changes), ...changes.filter(({ fromSecs }) => fromSecs > 0)];
  return {
    paths,
    routes: shown.slice(0, mostRoutes),
    routeChanges: changes.filter(({ fromSecs }) => fromSecs > 0).length,
  };
}

/** Those in use, by where they lead. */
export function routesOf(view: ViewEvent | undefined): Map<string, Route> {
  const installed = (view?.routes ?? []).filter(({ installed: isUsed, via }) => isUsed && via !== undefined);
  return new Map(installed.map(({ to, via, metric }) => [to, { via, metric }]));
}

/** What there was when the window began. */
function latestAtStart(changes: readonly RouteChange[]): RouteChange[] {
  const before = changes.filter(({ fromSecs }) => fromSecs === 0);
  const latest = new Map(before.map((change) => [JSON.stringify([change.host, change.to]), change]));
  return [...latest.values()].filter(({ via }) => via !== undefined);
}

function follow(paths: FlowPath[], routes: Routes, { from, to }: PlannedFlow, fromSecs: number): void {
  const found = { fromSecs, ...pathOf(routes, from, to) };
  if (paths.at(-1)?.fromSecs === fromSecs) paths.pop();
  const last = paths.at(-1);
  const isSame = last?.state === found.state && last.nodes.join(" ") === found.nodes.join(" ");
  if (!isSame) paths.push(found);
}

/** Hop by hop. */
export function pathOf(routes: Routes, from: string, to: string): Omit<FlowPath, "fromSecs"> {
  const nodes = [from];
  for (let host = from; host !== to; ) {
    const next = routes.get(host)?.get(to)?.via;
    if (next === undefined) return { state: "broken", nodes };
    const isLoop = nodes.includes(next);
    nodes.push(next);
    if (isLoop) return { state: "loop", nodes };
    host = next;
  }
  return { state: "complete", nodes };
}
