import type { Endpoint, NodeName } from "../../contracts/nodes/node.ts";
import type { ClientPlan } from "../plan/client-plan.ts";

/** What an observer has to watch; plain JSON, so that it can run elsewhere. */
export interface ObserverPlan {
  /** Stands in every transaction of the run. */
  readonly run: number;
  readonly windowMs: number;
  /** Nodes whose blocks are read, each once. */
  readonly targets: readonly { readonly node: NodeName; readonly rpc: Endpoint }[];
  readonly clients: readonly WatchedClient[];
  /** Whether to keep when each height was first seen: segments need it. */
  readonly keepsHeights: boolean;
}

/** A client whose transactions are looked for. */
export interface WatchedClient {
  readonly client: number;
  /** For each of the observer's targets: its place among the client's own; -1 where it is none of them. */
  readonly places: readonly number[];
}

/** One observer for clients of one run. */
export function planObserver(plans: readonly [ClientPlan, ...ClientPlan[]]): ObserverPlan {
  const [{ run, windowMs, segments }] = plans;
  const byNode = new Map(plans.flatMap(({ targets }) => targets).map((target) => [target.node, target]));
  const targets = [...byNode.values()];
  const clients = plans.map((plan) => ({
    client: plan.client,
    places: targets.map(({ node }) => plan.targets.findIndex((target) => target.node === node)),
  }));
  return { run, windowMs, targets, clients, keepsHeights: segments.length > 0 };
}
