/** Programs that run clients, on the hosts of a network. */
import type { ClientSite, PlacedProcess } from "../../contracts/deployment.ts";
import type { HostSpec } from "../../contracts/hosts/host.ts";
import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import { describeExit } from "../containers/node.ts";
import { openPlacedProcess } from "../containers/placed-process.ts";
import type { Engine } from "../engine/engine.ts";
import type { ContainerSpec } from "../engine/types.ts";
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
        const { program, process } = await startClients(engine, container, signal);
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

/**
 * Starts a container that shares the host's network: a bridge and its rules would cost the clients CPU time, and nodes
 * of the same host are on its loopback, however else they are published.
 */
async function startClients(
  engine: Engine,
  container: ContainerSpec,
  signal: AbortSignal,
): Promise<{ readonly program: PlacedProcess; readonly process: OwnProcess | undefined }> {
  const id = await engine.createContainer({ ...container, networkMode: "host", driven: true });
  try {
    const streams = await engine.attach(id, signal);
    await engine.start(id);
    const pid = (await engine.inspectContainer(id))?.pid;
    const program = openPlacedProcess(streams, {
      explain: () => explainEnd(engine, id),
      remove: () => engine.removeContainer(id),
    });
    return { program, process: pid === undefined ? undefined : { pid, containerId: id } };
  } catch (error) {
    // What stays is found by its label at the end.
    await engine.removeContainer(id).catch(() => {});
    throw error;
  }
}

/** What the engine says of a container whose output has ended. */
async function explainEnd(engine: Engine, id: string): Promise<string> {
  const state = await engine.inspectContainer(id);
  if (state === undefined) return "its container was removed";
  if (state.state === "running") return "the connection to it was lost";
  const { exitCode, signal } = describeExit(state.exitCode);
  return `its container ended with ${signal ?? `exit code ${exitCode}`}`;
}
