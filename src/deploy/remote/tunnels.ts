/** The ways through SSH to the nodes' ports. */
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { nodesOf, type RemoteNode } from "./layout.ts";
import type { ReadyHost } from "./session.ts";
import { openTunnel, type Tunnel } from "./tunnel.ts";

/** By "node0/rpc". */
export type Tunnels = ReadonlyMap<string, Tunnel>;

/** Opens a tunnel to each port of the nodes that this machine uses; nobody needs to listen there yet. */
export async function openTunnels(
  hosts: readonly ReadyHost[],
  nodes: readonly RemoteNode[],
): Promise<Tunnels> {
  const tunnels = new Map<string, Tunnel>();
  for (const { spec, host } of hosts) {
    for (const node of nodesOf({ spec }, nodes)) {
      for (const plane of (["rpc", "metrics"] as const).filter((each) => node.group.planes.includes(each))) {
        const tunnel = await openTunnel(host, node.ports[plane]).catch(async (error: unknown) => {
          await closeTunnels(tunnels);
          throw error;
        });
        tunnels.set(`${node.name}/${plane}`, tunnel);
      }
    }
  }
  return tunnels;
}

/** Ends the ways through SSH, and what goes through them. */
export async function closeTunnels(tunnels: Tunnels): Promise<void> {
  await Promise.all([...tunnels.values()].map((tunnel) => tunnel[Symbol.asyncDispose]()));
}

/** Where the near ends of tunnels are. */
export function endpointsOf(tunnels: Tunnels): ReadonlyMap<string, Endpoint> {
  return new Map([...tunnels].map(([name, { endpoint }]) => [name, endpoint]));
}
