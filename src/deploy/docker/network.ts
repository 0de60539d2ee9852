import type { Cleanup, Leftover, Network } from "../../contracts/deployment.ts";
import { coordinatorName, type Machine } from "../../contracts/hosts/host-load.ts";
import type { Endpoint, NodeName, Plane, Viewpoint } from "../../contracts/nodes/node.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { listOtherContainers, openProcessList } from "../containers/machines.ts";
import { portInContainer } from "../containers/program.ts";
import type { DockerWatch } from "../containers/watch.ts";
import type { Engine } from "../engine/engine.ts";
import { DockerError } from "../engine/error.ts";
import {
  CleanupError,
  describeThings,
  listLeftovers,
  removalCommand,
  removeLeftovers,
  runLabel,
} from "../engine/ownership.ts";
import type { DockerLayout, PlacedNode } from "./layout.ts";

/** Bound of a clean-up, however it was asked for. */
const cleanupTimeoutMs = 120_000;

export interface DockerNetworkOptions {
  readonly engine: Engine;
  readonly run: string;
  readonly cleanup: Cleanup;
  readonly layout: DockerLayout;
  /** Of its nodes; ends with it. */
  readonly watch: DockerWatch;
  readonly describe: () => Promise<Record<string, unknown>>;
}

/** Makes the handle on the containers of a run, all of which were made. */
export function openDockerNetwork(options: DockerNetworkOptions): Network {
  const { engine, run, layout, watch } = options;
  const nodes = layout.nodes.flatMap(({ name }) => watch.find(name) ?? []);
  const published = layout.nodes.flatMap((node) => node.rpc ?? []);
  const here: Machine = {
    name: coordinatorName,
    processes: openProcessList(nodes, published),
    otherContainers: () => listOtherContainers(engine, run),
  };
  let stopped = false;
  const stop = async (cleanup: Cleanup): Promise<Leftover | undefined> => {
    stopped = true;
    watch.end();
    if (cleanup !== "keep") {
      await removeRun(engine, run, { volumes: cleanup === "thorough", graceful: cleanup === "remove" });
    }
    return describeLeftover(engine, run);
  };
  return {
    runtime: "docker",
    nodes,
    endpoint: (target, seenBy, plane) => findEndpoint(layout, target, { seenBy, plane }),
    onExit: watch.exits.listen,
    machines: () => [here],
    stop,
    describe: options.describe,
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
  if (view.seenBy !== "coordinator") {
    return { host: node.service, port: listeningPort(layout, node, view.plane) };
  }
  const published = node[view.plane];
  if (published === undefined) {
    throw new InvalidArgumentError(`The ${view.plane} port of ${target} is not published on this machine.`);
  }
  return published;
}

/** The port on which a node listens in its container. */
export function listeningPort({ file }: DockerLayout, { group }: PlacedNode, plane: Plane): number {
  return file.kind === "foreign" && plane === "rpc" ? file.rpcPort : portInContainer(group, plane);
}
