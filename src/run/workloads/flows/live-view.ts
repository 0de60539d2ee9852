import type { Emit } from "../../../contracts/events.ts";
import type { ViewEvent } from "../../../contracts/load/flow-events.ts";
import type { PlannedFlow } from "../../../contracts/load/flows.ts";
import { parseFlowEvent } from "../../../results/analysis/flows/parse-event.ts";
import { pathOf, routesOf } from "../../../results/analysis/flows/paths.ts";

/** Tells pages what hosts say of the network under test, whenever that has changed. */
export class LiveNetworkView {
  readonly #flows: readonly PlannedFlow[];
  readonly #emit: Emit;
  readonly #views = new Map<string, ViewEvent>();
  #hasChanged = false;
  #told = "";

  constructor(flows: readonly PlannedFlow[], emit: Emit) {
    this.#flows = flows;
    this.#emit = emit;
  }

  /** @param line that a host told */
  observe(host: string, line: string): void {
    // Of many lines, few are views.
    if (!line.includes('"view"')) return;
    const event = parseFlowEvent(line);
    if (typeof event !== "object" || event.type !== "view") return;
    this.#views.set(host, event);
    this.#hasChanged = true;
  }

  /** @param second seconds since the start of the window */
  tell(second: number): void {
    if (!this.#hasChanged) return;
    this.#hasChanged = false;
    const hosts = [...this.#views];
    const routes = new Map(hosts.map(([host, view]) => [host, routesOf(view)]));
    const paths = this.#flows.map(({ name, from, to }) => ({
      flow: name,
      nodes: pathOf(routes, from, to).nodes,
    }));
    const links = hosts.flatMap(([from, view]) =>
      view.links.map(({ peer: to, cost, received: receivedRatio }) => ({
        ...{ from, to },
        ...(cost === undefined ? {} : { cost }),
        ...(receivedRatio === undefined ? {} : { receivedRatio }),
      })),
    );
    const text = JSON.stringify([paths, links]);
    if (text === this.#told) return;
    this.#told = text;
    this.#emit({ type: "network-view", second, paths, links });
  }
}
