import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Host } from "../../contracts/hosts/host.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { nodesOf, type RemoteNode } from "./layout.ts";
import type { OpenHost } from "./session.ts";

/** A port of this machine's loopback that leads to a port of a host's. */
interface Tunnel extends AsyncDisposable {
  readonly endpoint: Endpoint;
}

/** The ways through SSH to the nodes' ports, by "node0/rpc". */
export type Tunnels = ReadonlyMap<string, Tunnel>;

/** Opens a tunnel to each port of the nodes that this machine uses; nobody needs to listen there yet. */
export async function openTunnels(
  hosts: readonly OpenHost[],
  nodes: readonly RemoteNode[],
): Promise<Tunnels> {
  const tunnels = new Map<string, Tunnel>();
  try {
    for (const open of hosts) {
      for (const { name, group, ports } of nodesOf(open, nodes)) {
        for (const plane of (["rpc", "metrics"] as const).filter((each) => group.planes.includes(each))) {
          tunnels.set(`${name}/${plane}`, await openTunnel(open.host, ports[plane]));
        }
      }
    }
    return tunnels;
  } catch (error) {
    await closeTunnels(tunnels);
    throw error;
  }
}

/** Ends the ways through SSH, and what goes through them. */
export async function closeTunnels(tunnels: Tunnels): Promise<void> {
  await Promise.all([...tunnels.values()].map((tunnel) => tunnel[Symbol.asyncDispose]()));
}

/**
 * Opens a tunnel to a port of a host's loopback. A connection that cannot be carried on is reset, as it would be
 * without the tunnel: who opened it comes again.
 */
export async function openTunnel(host: Pick<Host, "connectTcp">, port: number): Promise<Tunnel> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    open.add(near);
    near.on("close", () => open.delete(near));
    near.on("error", () => near.destroy());
    near.pause();
    host.connectTcp({ host: "127.0.0.1", port }).then(
      (far) => join(near, far),
      () => near.resetAndDestroy(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  return {
    endpoint,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function join(near: Socket, far: Duplex): void {
  // Given up while the way was being opened.
  if (near.destroyed) {
    far.destroy();
    return;
  }
  far.on("error", () => near.resetAndDestroy());
  far.on("close", () => near.destroy());
  near.on("close", () => far.destroy());
  near.pipe(far).pipe(near);
}
