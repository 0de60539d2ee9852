import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  DeployOptions,
  Network,
  NodeConfiguration,
  NodeName,
  Program,
} from "../contracts/deployment.ts";
import { mapBounded } from "../core/async.ts";
import { type Compose, ComposeError, type ComposeProject } from "../docker/compose.ts";
import { imagePlaceholder, imageVariable, renderOverride } from "../docker/compose-file.ts";
import type { Environment } from "../docker/endpoint.ts";
import type { ContainerSummary, Engine, EngineVersion } from "../docker/engine-types.ts";
import { ensureImage, imageHome } from "../docker/image.ts";
import { cacheLabel, describeOwnHolder, listLeftovers, runLabel } from "../docker/ownership.ts";
import type { DockerLayout, PlacedNode } from "./docker-layout.ts";
import { findEndpoint, openDockerNetwork, portInContainer, removeRun } from "./docker-network.ts";
import { standsInTheWay } from "./docker-ports.ts";
import { nothingExported } from "./exported.ts";
import { putNodeFiles } from "./node-files.ts";
import { requireNodeProgram } from "./node-program.ts";

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
  /** Absolute path of the coordinator's Node.js, for the image. */
  readonly nodeBinary: string;
  /** Image with Node.js to build upon where that binary cannot be used; default: the official slim one. */
  readonly baseImage?: string | undefined;
}

/** What is to be put where, and on whose behalf. */
export interface DockerDeployment {
  readonly deployer: DockerDeployerOptions;
  readonly layout: DockerLayout;
  readonly options: DeployOptions;
}

/** Nodes whose image is ours, and that image's name. Others are left as their compose file has them. */
type OwnImages = ReadonlyMap<NodeName, string>;

/** How many requests to the engine are under way at once. */
const concurrentRequests = 8;

/** Makes and starts the containers of a layout. Where it fails, what was made is for the caller to remove. */
export async function deployLayout(deployment: DockerDeployment): Promise<Network> {
  const { deployer, layout, options } = deployment;
  const { engine, compose } = deployer.docker;
  const { run, signal, cleanup } = options;
  await replaceLeftovers(deployment);
  const images = await prepareImages(deployment);
  const folder = await mkdtemp(join(tmpdir(), "baleen-compose-"));
  try {
    const project = await writeProject(folder, deployment, images);
    tell(deployment, "creating the containers", project.name);
    await compose.create(project, signal);
    const containers = await findContainers(deployment);
    await mapBounded([...containers], concurrentRequests, async ([node, container]) => {
      if (images.has(node.name)) await putNodeFiles(engine, container.id, configure(layout, node).files);
    });
    const network = await openDockerNetwork({
      engine,
      run,
      cleanup,
      layout,
      containers: new Map([...containers].map(([node, { id }]) => [node.name, id])),
      describe: () => describeDeployment(deployment, containers),
    });
    try {
      const addresses = layout.nodes.map(describeAddress);
      tell(deployment, `starting ${layout.nodes.length} nodes as containers`, addresses.join(", "));
      await compose.start(project, signal);
      signal.throwIfAborted();
      return network;
    } catch (error) {
      network.release();
      throw error;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** "node0 on 127.0.0.1:26657 (metrics on port 26670)" */
function describeAddress({ name, rpc, metrics }: PlacedNode): string {
  const beside = metrics === undefined ? "" : ` (metrics on port ${metrics.port})`;
  return `${name} on ${rpc.host}:${rpc.port}${beside}`;
}

function tell(deployment: DockerDeployment, step: string, detail?: string): void {
  deployment.options.emit({ type: "network-step", step, ...(detail === undefined ? {} : { detail }) });
}

/** Removes what earlier runs left behind, where it holds a port or a name that is needed now. */
async function replaceLeftovers(deployment: DockerDeployment): Promise<void> {
  const { engine } = deployment.deployer.docker;
  for (const left of await listLeftovers(engine)) {
    const inTheWay = left.containers.some((container) => standsInTheWay(container, deployment.layout));
    if (left.holderPid !== undefined || left.holderElsewhere !== undefined) continue;
    if (left.run !== deployment.options.run && !inTheWay) continue;
    const names = [...left.containers.map(({ name }) => name), ...left.networks, ...left.volumes];
    tell(deployment, `replacing the leftovers of run ${left.run}`, names.join(", "));
    await removeRun(engine, left.run, { volumes: true });
  }
}

async function prepareImages(deployment: DockerDeployment): Promise<OwnImages> {
  const { docker, nodeBinary, baseImage } = deployment.deployer;
  const { signal, run } = deployment.options;
  const built = new Map<Program, string>();
  const images = new Map<NodeName, string>();
  for (const node of deployment.layout.nodes) {
    const { program } = node.group;
    const named = deployment.layout.model.services.find(({ name }) => name === node.service)?.image;
    if (named === undefined) continue;
    if (named !== imagePlaceholder) {
      const labels = (await docker.engine.inspectImage(named))?.labels;
      if (labels?.[cacheLabel] !== undefined) images.set(node.name, named);
      continue;
    }
    const image =
      built.get(program) ??
      (await ensureImage(docker.engine, {
        program: requireNodeProgram(program),
        nodeBinary,
        baseImage,
        env: docker.env,
        run,
        onStep: (step, detail) => tell(deployment, step, detail),
        signal,
      }));
    built.set(program, image);
    images.set(node.name, image);
  }
  return images;
}

async function writeProject(
  folder: string,
  { layout, options }: DockerDeployment,
  images: OwnImages,
): Promise<ComposeProject> {
  const base = layout.file.kind === "foreign" ? layout.file.path : join(folder, "docker-compose.yml");
  if (layout.file.kind === "ours") await writeFile(base, layout.file.text);
  const override = join(folder, "override.yml");
  const services = layout.model.services.map(({ name }) => {
    const node = layout.nodes.find(({ service }) => service === name);
    const image = node === undefined ? undefined : images.get(node.name);
    return node === undefined || image === undefined
      ? { name }
      : { name, image, args: configure(layout, node).args };
  });
  const { volumes, networks } = layout.model;
  const holder = await describeOwnHolder();
  await writeFile(override, renderOverride({ run: options.run, holder, services, volumes, networks }));
  // Compose takes lower-case letters, digits, - and _ only.
  const name = `baleen-${options.run.toLowerCase().replaceAll(/[^a-z0-9_-]/g, "-")}`;
  return { name, files: [base, override], variables: { [imageVariable]: imagePlaceholder } };
}

function configure(layout: DockerLayout, node: PlacedNode): NodeConfiguration {
  return node.group.configure(node, {
    home: imageHome,
    nodes: layout.nodes,
    endpoint: (target, plane) => findEndpoint(layout, target, { seenBy: { node: node.name }, plane }),
    // All of the container's addresses: which of them is published, and where, the compose file says.
    listen: (plane) => ({ host: "0.0.0.0", port: portInContainer(layout, plane) }),
    exported: nothingExported,
  });
}

async function findContainers(deployment: DockerDeployment): Promise<Map<PlacedNode, ContainerSummary>> {
  const { layout, options, deployer } = deployment;
  const made = await deployer.docker.engine.listContainers({ label: `${runLabel}=${options.run}` });
  return new Map(
    layout.nodes.map((node) => {
      const container = made.find(({ labels }) => labels["com.docker.compose.service"] === node.service);
      if (container === undefined) {
        const action = deployer.docker.compose.argv.join(" ");
        throw new ComposeError(`it made no container for service ${node.service}`, { action });
      }
      return [node, container];
    }),
  );
}

async function describeDeployment(
  { deployer, layout }: DockerDeployment,
  containers: ReadonlyMap<PlacedNode, ContainerSummary>,
): Promise<Record<string, unknown>> {
  const { engine, version, compose } = deployer.docker;
  const images = await mapBounded([...containers], concurrentRequests, async ([node, container]) => {
    const imageId = (await engine.inspectContainer(container.id))?.imageId;
    return [node.name, { name: container.image, id: imageId }];
  });
  return {
    engine: { address: engine.description, ...version },
    compose: { command: compose.argv.join(" "), version: compose.version },
    composeFile: layout.file.kind === "foreign" ? layout.file.path : "generated",
    images: Object.fromEntries(images),
  };
}
