import type {
  Cleanup,
  Endpoint,
  Leftover,
  Network,
  NodeName,
  Plane,
  Viewpoint,
} from "../contracts/deployment.ts";
import { coordinatorName, type Machine } from "../contracts/host-load.ts";
import { InvalidArgumentError } from "../core/errors.ts";
import { containerPorts } from "../docker/compose-file.ts";
import { DockerError } from "../docker/docker-error.ts";
import type { Engine } from "../docker/engine-types.ts";
import {
  CleanupError,
  describeThings,
  listLeftovers,
  removalCommand,
  removeLeftovers,
  runLabel,
} from "../docker/ownership.ts";
import type { DockerLayout, PlacedNode } from "./docker-layout.ts";
import { createDockerNode, type DockerNode } from "./docker-node.ts";
import { openExits } from "./exits.ts";
import { listOtherContainers, openProcessList } from "./machines.ts";

/** Bound of a clean-up, however it was asked for. */
const cleanupTimeoutMs = 120_000;

export interface DockerNetworkOptions {
  readonly engine: Engine;
  readonly run: string;
  readonly cleanup: Cleanup;
  readonly layout: DockerLayout;
  /** Ids of the nodes' containers. */
  readonly containers: ReadonlyMap<NodeName, string>;
  readonly describe: () => Promise<Record<string, unknown>>;
}

/** A network of containers. */
export interface DockerNetwork extends Network {
  /** Stops watching it, and leaves all else as it is. */
  readonly release: () => void;
}

/** Makes the handle on the containers of a run and begins to watch them; nothing is started. */
export async function openDockerNetwork(options: DockerNetworkOptions): Promise<DockerNetwork> {
  const { engine, run, layout } = options;
  const exits = openExits();
  const nodes = layout.nodes.flatMap((node): DockerNode[] => {
    const containerId = options.containers.get(node.name);
    return containerId === undefined
      ? []
      : [createDockerNode({ engine, node, containerId, onUnexpectedExit: exits.tell })];
  });
  const watch = new AbortController();
  await engine.watchDeaths(
    `${runLabel}=${run}`,
    ({ id, exitCode }) => nodes.find(({ containerId }) => containerId === id)?.noteDeath(exitCode),
    watch.signal,
  );
  const published = layout.nodes.flatMap((node) => node.rpc ?? []);
  const here: Machine = {
    name: coordinatorName,
    processes: openProcessList(nodes, published),
    otherContainers: () => listOtherContainers(engine, run),
  };
  let stopped = false;
  const stop = async (cleanup: Cleanup): Promise<Leftover | undefined> => {
    stopped = true;
    watch.abort();
    if (cleanup !== "keep") {
      await removeRun(engine, run, { volumes: cleanup === "thorough", graceful: cleanup === "remove" });
    }
    return describeLeftover(engine, run);
  };
  return {
    runtime: "docker",
    nodes,
    endpoint: (target, seenBy, plane) => findEndpoint(layout, target, { seenBy, plane }),
    onExit: exits.listen,
    machines: () => [here],
    stop,
    describe: options.describe,
    release: () => watch.abort(),
    [Symbol.asyncDispose]: async () => {
      if (!stopped) await stop(options.cleanup);
    },
  };
}

/**
 * Removes what a run made, on a signal of its own.
 *
 * @throws CleanupError
 */
export async function removeRun(
  engine: Engine,
  run: string,
  what: { volumes: boolean; graceful?: boolean },
): Promise<void> {
  const signal = AbortSignal.timeout(cleanupTimeoutMs);
  try {
    await removeLeftovers(engine, run, { ...what, signal });
  } catch (cause) {
    if (cause !== signal.reason) throw cause;
    throw new CleanupError({ run, why: `not done within ${cleanupTimeoutMs / 1000} s` }, { cause });
  }
}

async function describeLeftover(engine: Engine, run: string): Promise<Leftover | undefined> {
  const command = removalCommand(run);
  try {
    const [left] = await listLeftovers(engine, run);
    return left === undefined ? undefined : { what: describeThings(left), command };
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    // The engine is away; what was made is there still, or is again when it is back.
    return { what: [`what carries the label ${runLabel}=${run}`], command };
  }
}

/**
 * Address of a node: by its published port for the coordinator, by its service's name for other nodes.
 *
 * @throws InvalidArgumentError where there is no such node, or that plane cannot be reached from there
 */
export function findEndpoint(
  layout: DockerLayout,
  target: NodeName,
  view: { seenBy: Viewpoint; plane: Plane },
): Endpoint {
  const node = layout.nodes.find(({ name }) => name === target);
  if (node === undefined) throw new InvalidArgumentError(`There is no node ${target} in this network.`);
  if (view.seenBy !== "coordinator") return { host: node.service, port: portInContainer(layout, view.plane) };
  const published = publishedAt(node, view.plane);
  if (published === undefined) {
    throw new InvalidArgumentError(`The ${view.plane} port of ${target} is not published on this machine.`);
  }
  return published;
}

/** The port on which a node listens in its container. */
export function portInContainer(layout: DockerLayout, plane: Plane): number {
  return plane === "rpc" ? layout.rpcPort : containerPorts[plane];
}

function publishedAt(node: PlacedNode, plane: Plane): Endpoint | undefined {
  if (plane === "rpc") return node.rpc;
  return plane === "metrics" ? node.metrics : undefined;
}
