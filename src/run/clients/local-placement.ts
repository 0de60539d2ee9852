import type { Network, NetworkNode } from "../../contracts/deployment.ts";
import { coordinatorName } from "../../contracts/hosts/host-load.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import type { Clock } from "../../core/clock.ts";
import type { ClientPlacement, ProtocolName } from "../../load/messages/messages.ts";
import type { ClientPlan } from "../../load/plan/client-plan.ts";
import { findProtocol } from "../../protocol/registry.ts";
import { type ClientRuntime, startLocalClients } from "./local-process.ts";
import { openLocalThread } from "./local-thread.ts";

export interface LocalPlacementRequest {
  readonly network: Pick<Network, "endpoint"> & { readonly nodes: readonly Pick<NetworkNode, "name">[] };
  readonly protocol: Protocol;
  readonly clients: number;
  readonly runtime: ClientRuntime;
  /** Of clients in this thread; a process of its own has the machine's. */
  readonly clock: Clock;
  /** Takes the id of the process that the clients run in, where it is another than this one. */
  readonly onProcess: (pid: number) => void;
}

/**
 * Clients on this machine, in a process of their own. An adapter that another process could not load, since it is
 * neither in the registry nor says what module or definition it is made of, has its clients in this thread.
 */
export function placeLocally(request: LocalPlacementRequest): ClientPlacement {
  const { network, protocol, clients, runtime, clock, onProcess } = request;
  const isLoadable =
    findProtocol(protocol.name) === protocol ||
    protocol.module !== undefined ||
    protocol.definition !== undefined;
  return {
    host: coordinatorName,
    clients,
    targets: targetsOf(network),
    open: async (signal) => {
      if (!isLoadable) return openLocalThread(protocol, clock);
      const link = await startLocalClients(runtime, signal);
      onProcess(link.pid);
      return link;
    },
  };
}

/** All nodes, where this machine reaches them. */
export function targetsOf(network: LocalPlacementRequest["network"]): ClientPlan["targets"] {
  return network.nodes.map(({ name }) => ({
    node: name,
    rpc: network.endpoint(name, "coordinator", "rpc"),
  }));
}

/** How clients elsewhere find the adapter. */
export function nameProtocol({ name, module, definition }: Protocol): ProtocolName {
  return {
    name,
    ...(module === undefined ? {} : { module }),
    ...(definition === undefined ? {} : { definition }),
  };
}
