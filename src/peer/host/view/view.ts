/** The network's own view at a host: told whenever it has changed. */
import type { ViewEvent, ViewedLink, ViewedRoute } from "../../../contracts/load/flow-events.ts";
import type { HostConfigFile } from "../config.ts";

export interface View {
  readonly routes: readonly ViewedRoute[];
  readonly links: readonly ViewedLink[];
}

export interface ViewSetting extends Pick<HostConfigFile, "interfaces" | "hosts"> {
  /** Called whenever it may have changed. */
  readonly onView: (view: View) => void;
  readonly log: (message: string) => void;
  readonly signal: AbortSignal;
}

const byName =
  <K extends string>(key: K) =>
  (one: Readonly<Record<K, string>>, other: Readonly<Record<K, string>>) =>
    one[key] < other[key] ? -1 : 1;

/** Calls `tell` with views that differ from the one before. */
export function onlyChanges(tell: (view: Pick<ViewEvent, "routes" | "links">) => void): (view: View) => void {
  let before = "";
  return ({ routes, links }) => {
    const view = { routes: routes.toSorted(byName("to")), links: links.toSorted(byName("peer")) };
    const text = JSON.stringify(view);
    if (text === before) return;
    before = text;
    tell(view);
  };
}

/** Names of hosts, by their addresses with a prefix that means just one. */
export const hostsByPrefix = ({ hosts }: Pick<HostConfigFile, "hosts">): ReadonlyMap<string, string> =>
  new Map(Object.entries(hosts).map(([name, address]) => [`${address}/32`, name]));

/** One for each peer: a neighbour that started again is there twice for a while. */
export function bestOf(links: readonly ViewedLink[]): ViewedLink[] {
  const best = new Map<string, ViewedLink>();
  const costOf = ({ cost = Number.POSITIVE_INFINITY }: ViewedLink) => cost;
  for (const link of links) {
    const known = best.get(link.peer);
    if (known === undefined || costOf(link) < costOf(known)) best.set(link.peer, link);
  }
  return [...best.values()];
}
