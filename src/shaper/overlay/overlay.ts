import type { Remote } from "../calls.ts";
import type { HeldPlace } from "../namespaces.ts";
import type { Network } from "../network.ts";
import type { ToolOperations } from "../tools/operations.ts";
import { addLines, hostLines, removalLine } from "./commands.ts";

type Tools = Pick<Remote<ToolOperations>, "prepareOverlay" | "interfaces">;

/** Interfaces that stand, by name: the ends of their tunnels. */
type Standing = Map<string, string>;

/** Makes the interfaces of the nodes of this machine, each as soon as both of its ends are known. */
export class Overlay {
  readonly #network: Network<HeldPlace>;
  readonly #tools: Tools;
  readonly #standing = new Map<number, Standing>();

  constructor(network: Network<HeldPlace>, tools: Tools) {
    this.#network = network;
    this.#tools = tools;
  }

  /** After places were attached, or attached again. */
  async attach(): Promise<void> {
    for (const place of this.#network.places) await this.#attach(place);
  }

  async #attach({ namespace, overlay, addresses: [local] }: HeldPlace): Promise<void> {
    if (namespace === undefined || overlay === undefined || local === undefined) return;
    const known = this.#standing.get(namespace);
    const standing: Standing = known ?? new Map();
    if (known === undefined) await this.#tools.prepareOverlay(namespace, hostLines(overlay));
    this.#standing.set(namespace, standing);
    const lines = overlay.interfaces.flatMap((one) => {
      const remote = this.#network.place(one.peer)?.addresses[0];
      const tunnel = `${local} ${remote}`;
      if (remote === undefined || standing.get(one.name) === tunnel) return [];
      const old = standing.has(one.name) ? [removalLine(one.name)] : [];
      standing.set(one.name, tunnel);
      return [...old, ...addLines(one, { local, remote })];
    });
    if (lines.length > 0) await this.#tools.interfaces(namespace, lines);
  }

  /** It is gone: its number may become another's. */
  forget(namespace: number): void {
    this.#standing.delete(namespace);
  }
}
