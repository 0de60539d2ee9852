/** Programs that run clients, on the hosts of a network. */
import type { ClientSite } from "../../contracts/deployment.ts";
import type { HostSpec } from "../../contracts/hosts/host.ts";
import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import { startDriven } from "../containers/driven.ts";
import type { Engine } from "../engine/engine.ts";
import { sendImage } from "./images.ts";
import { findClientEndpoint } from "./layout.ts";
import {
  describeContainer,
  type RemoteClientOptions,
  type RemoteDeployment,
  type RemoteParts,
} from "./parts.ts";
import type { OpenHost } from "./session.ts";

export function clientHostsOf<T extends { readonly spec: HostSpec }>(
  hosts: readonly T[],
  clients: RemoteClientOptions | undefined,
): readonly T[] {
  if (clients === undefined) return [];
  return hosts.filter(({ spec }) => spec.nodes.length > 0 === (clients.placement === "colocated"));
}

export interface RemoteClients {
  readonly hosts: readonly OpenHost<Engine>[];
  readonly image: string;
  readonly sites: readonly ClientSite[];
  /** Of those that run on a host now. */
  readonly processes: (host: string) => readonly OwnProcess[];
}

/** Makes all ready that clients on hosts need, and starts none; undefined where they run on this machine. */
export async function placeClients(
  all: readonly OpenHost<Engine>[],
  deployment: RemoteDeployment & Pick<RemoteParts, "holder">,
): Promise<RemoteClients | undefined> {
  const { how, sources, nodes, options } = deployment;
  if (how.clients === undefined || sources.clients === undefined) return undefined;
  const { placement } = how.clients;
  const hosts = clientHostsOf(all, how.clients);
  const image = await sendImage(hosts, sources.clients, options);
  let starts = 0;
  const running = new Map<OwnProcess, string>();
  const sites = hosts.map(({ spec: { name: host }, facts, engine }): ClientSite => {
    const driven = nodes.filter(
      (node) => node.group.planes.includes("rpc") && (placement === "dedicated" || node.host.name === host),
    );
    return {
      host,
      cpus: facts.cpus,
      targets: driven.map((node) => ({ node: node.name, rpc: findClientEndpoint(node, host) })),
      start: async (signal) => {
        starts += 1;
        const container = describeContainer(deployment, `clients${starts}`, image);
        // A bridge and its rules would cost the clients CPU time, and nodes of the same host are on its loopback,
        // however else they are published.
        const { program, process } = await startDriven(engine, container, signal);
        if (process !== undefined) running.set(process, host);
        void program.ended.then(() => process && running.delete(process));
        return program;
      },
    };
  });
  const processes = (host: string) =>
    [...running].filter(([, place]) => place === host).map(([process]) => process);
  return { hosts, image, sites, processes };
}
