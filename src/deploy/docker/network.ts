import type { DeploymentPlan, DeployOptions, Network } from "../../contracts/deployment.ts";
import { coordinatorName, type Machine } from "../../contracts/hosts/host-load.ts";
import type { Endpoint, NodeName, Plane, Viewpoint } from "../../contracts/nodes/node.ts";
import { mapBounded } from "../../core/async.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import type { Environment } from "../../core/process/environment.ts";
import { listOtherContainers, openContainerNetwork, openProcessList } from "../containers/network.ts";
import type { DockerWatch } from "../containers/node.ts";
import { describeImage, portInContainer } from "../containers/program.ts";
import type { Engine } from "../engine/engine.ts";
import { describeLeftover, removalCommand, removeLeftovers, runLabel } from "../engine/ownership.ts";
import type { EngineVersion } from "../engine/types.ts";
import { type ContainerLinks, shapedNode } from "../links/nodes.ts";
import type { BasePorts } from "../nodes/base-ports.ts";
import { findStarters } from "../nodes/started.ts";
import type { Compose } from "./compose.ts";
import type { DockerLayout, PlacedNode } from "./layout.ts";

/** Requests to the engine that are under way at once. */
export const requestsAtOnce = 8;

/** A Docker engine of this machine and the compose command for it. */
export interface DockerTools {
  readonly engine: Engine;
  readonly version: EngineVersion;
  readonly compose: Compose;
  /** Environment of the commands that are to use that engine. */
  readonly env: Environment;
}

export interface DockerDeployerOptions {
  readonly docker: DockerTools;
  /** A compose file to use; undefined: our own, for the size of the committee. */
  readonly composePath?: string | undefined;
  /** Port by which the nodes of a foreign compose file are known. */
  readonly rpcPort: number;
  /** Where the ports of nodes that are published by our own file begin. */
  readonly basePorts?: BasePorts | undefined;
  /** Absolute path of the coordinator's Node.js, for the image. */
  readonly nodeBinary: string;
  /** Image with Node.js to build upon where that binary cannot be used; default: the official slim one. */
  readonly baseImage?: string | undefined;
}

/** What is to be put where, and on whose behalf. */
export interface DockerDeployment {
  readonly deployer: DockerDeployerOptions;
  readonly plan: DeploymentPlan;
  readonly layout: DockerLayout;
  readonly options: DeployOptions;
}

/** Makes the handle on the containers of a run, all of which were made. */
export function openDockerNetwork(
  deployment: DockerDeployment,
  watch: DockerWatch,
  links: ContainerLinks | undefined,
): Network {
  const { layout, options } = deployment;
  const { run } = options;
  const { engine } = deployment.deployer.docker;
  const nodes = layout.nodes
    .flatMap(({ name }) => watch.find(name) ?? [])
    .map((node) => shapedNode(node, links?.shapers));
  const listProcesses = openProcessList(
    nodes,
    layout.nodes.flatMap((node) => node.rpc ?? []),
    findStarters(deployment.plan),
  );
  const here: Machine = {
    name: coordinatorName,
    processes: async () => [...(await listProcesses()), ...(links?.processes() ?? [])],
    otherContainers: () => listOtherContainers(engine, run),
  };
  return openContainerNetwork({
    nodes,
    watch,
    options,
    endpoint: (target, seenBy, plane) => findEndpoint(layout, target, { seenBy, plane }),
    machines: () => [here],
    ...(links === undefined ? {} : { links: links.shapers.shaping() }),
    hangUp: async () => links?.shapers[Symbol.asyncDispose](),
    remove: (what) => removeLeftovers(engine, run, what),
    describeLeftover: () => describeLeftover(engine, run),
    command: removalCommand(run),
    describe: () => describeDeployment(deployment, watch),
  });
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
export function listeningPort({ file }: DockerLayout, node: PlacedNode, plane: Plane): number {
  return file.kind === "foreign" && plane === "rpc" ? file.rpcPort : portInContainer(node, plane);
}

async function describeDeployment(
  { deployer, layout, options }: DockerDeployment,
  watch: DockerWatch,
): Promise<Record<string, unknown>> {
  const { engine, version, compose } = deployer.docker;
  const containers = await engine.listContainers({ label: `${runLabel}=${options.run}` });
  const images = await mapBounded(layout.nodes, requestsAtOnce, async ({ name }) => {
    const id = watch.find(name)?.containerId;
    const container = containers.find((each) => each.id === id);
    const imageId = id === undefined ? undefined : (await engine.inspectContainer(id))?.imageId;
    return [name, { name: container?.image, ...(await describeImage(engine, imageId)) }];
  });
  return {
    engine: { address: engine.description, ...version },
    compose: { command: compose.argv.join(" "), version: compose.version },
    composeFile: layout.file.kind === "foreign" ? layout.file.path : "generated",
    images: Object.fromEntries(images),
  };
}
