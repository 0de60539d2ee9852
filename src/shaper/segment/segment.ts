import type { Segment as SegmentPlan } from "../../contracts/links/shaper.ts";
import type { Remote } from "../calls.ts";
import type { HeldPlace } from "../namespaces.ts";
import type { ToolOperations } from "../tools/operations.ts";

type Tools = Pick<Remote<ToolOperations>, "openSwitch" | "plug" | "unplug" | "closeSwitch">;

/**
 * The network between nodes on several machines: a switch in a namespace of its own, which ends with this process, a port
 * for each node here, and a tunnel to the switches of the other machines.
 */
export class Segment {
  readonly #plan: SegmentPlan;
  readonly #tools: Tools;
  readonly #plugged = new Map<string, { readonly port: number; readonly namespace: number }>();
  #switch: number | undefined;

  constructor(plan: SegmentPlan, tools: Tools) {
    this.#plan = plan;
    this.#tools = tools;
  }

  /** Connects those that are here, at their first address; those that started again anew. */
  async attach(places: readonly HeldPlace[]): Promise<void> {
    this.#switch ??= await this.#tools.openSwitch(this.#plan);
    for (const { name, namespace, addresses } of places) {
      const [address] = addresses;
      const old = this.#plugged.get(name);
      if (namespace === undefined || address === undefined || old?.namespace === namespace) continue;
      if (old !== undefined) await this.#tools.unplug(this.#switch, old.port);
      const port = old?.port ?? this.#plugged.size;
      await this.#tools.plug(this.#switch, { port, namespace, address });
      this.#plugged.set(name, { port, namespace });
    }
  }

  /** Removes it, so that the next one finds nothing of it. */
  async close(): Promise<void> {
    if (this.#switch === undefined) return;
    const ports = [...this.#plugged.values()].map(({ port }) => port);
    await this.#tools.closeSwitch(this.#switch, ports);
  }
}
