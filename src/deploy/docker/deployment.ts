import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Network, NodeConfiguration } from "../../contracts/deployment.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import { mapBounded } from "../../core/async.ts";
import { imagePlaceholder, serviceLabel } from "../containers/compose-file.ts";
import { type DockerWatch, watchContainers } from "../containers/node.ts";
import { programKey, putNodeFiles } from "../containers/program.ts";
import { cacheLabel, listLeftovers, runLabel } from "../engine/ownership.ts";
import type { ContainerSummary } from "../engine/types.ts";
import { ensureImage, imageHome } from "../images/image.ts";
import type { ExportStore } from "../nodes/exports.ts";
import { type Stage, startInStages } from "../nodes/stages.ts";
import { type Compose, ComposeError } from "./compose.ts";
import type { DockerLayout, PlacedNode } from "./layout.ts";
import {
  type DockerDeployment,
  findEndpoint,
  listeningPort,
  openDockerNetwork,
  removeRun,
  requestsAtOnce,
} from "./network.ts";
import { standsInTheWay } from "./ports.ts";
import { type OwnImages, openProject, type Project } from "./project.ts";

/** Makes and starts the containers of a layout. Where it fails, what was made is for the caller to remove. */
export async function deployLayout(deployment: DockerDeployment): Promise<Network> {
  const { deployer, plan, layout, options } = deployment;
  const { engine } = deployer.docker;
  await replaceLeftovers(deployment);
  const images = await prepareImages(deployment);
  const folder = await mkdtemp(join(tmpdir(), "baleen-compose-"));
  const watch = await watchContainers([engine], options.run);
  try {
    const project = await openProject(folder, deployment, images);
    await startInStages({
      plan,
      nodes: layout.nodes,
      start: (stage) => startStage(stage, { deployment, images, project, watch }),
      find: watch.find,
      at: (name, plane) => findEndpoint(layout, name, { seenBy: "coordinator", plane }),
      signal: options.signal,
    });
    return openDockerNetwork(deployment, watch);
  } catch (error) {
    watch.end();
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface StageParts {
  readonly deployment: DockerDeployment;
  readonly images: OwnImages;
  readonly project: Project;
  readonly watch: DockerWatch;
}

async function startStage(
  { nodes, exports, isFirst, isOnly }: Stage<PlacedNode>,
  { deployment, images, project, watch }: StageParts,
): Promise<void> {
  const { deployer, layout, options } = deployment;
  const { engine, compose } = deployer.docker;
  const ours = nodes.filter(({ name }) => images.has(name));
  const configurations = new Map(ours.map((node) => [node.name, configure(layout, node, exports)]));
  const services = listServices(layout, nodes, isFirst);
  const part = await project.write(configurations, isOnly ? undefined : services);
  notify(deployment, "creating the containers", part.name);
  await compose.create(part, options.signal);
  const containers = await engine.listContainers({ label: `${runLabel}=${options.run}` });
  await mapBounded(nodes, requestsAtOnce, async (node) => {
    const { id } = containerOf(node, containers, compose);
    const configuration = configurations.get(node.name);
    if (configuration !== undefined) await putNodeFiles(engine, id, configuration.files);
    watch.add(engine, node, id);
  });
  const addresses = nodes.map(describeAddress);
  notify(deployment, `starting ${nodes.length} nodes as containers`, addresses.join(", "));
  await compose.start(part, options.signal);
}

/** Those of the nodes; with the first of them those that are no nodes. */
function listServices(layout: DockerLayout, nodes: readonly PlacedNode[], isFirst: boolean): string[] {
  const later = layout.nodes.filter((node) => !nodes.includes(node)).map(({ service }) => service);
  if (!isFirst) return nodes.map(({ service }) => service);
  return layout.model.services.map(({ name }) => name).filter((name) => !later.includes(name));
}

/** "node0 on 127.0.0.1:26657 (metrics on port 26670)" */
function describeAddress({ name, rpc, metrics }: PlacedNode): string {
  const beside = metrics === undefined ? "" : ` (metrics on port ${metrics.port})`;
  if (rpc === undefined) return `${name}${beside}`;
  return `${name} on ${rpc.host}:${rpc.port}${beside}`;
}

function notify(deployment: DockerDeployment, step: string, detail?: string): void {
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
    notify(deployment, `replacing the leftovers of run ${left.run}`, names.join(", "));
    await removeRun(engine, left.run, { volumes: true });
  }
}

async function prepareImages(deployment: DockerDeployment): Promise<OwnImages> {
  const { docker, nodeBinary, baseImage } = deployment.deployer;
  const { signal, run } = deployment.options;
  const onStep = (step: string, detail?: string) => notify(deployment, step, detail);
  const request = { nodeBinary, baseImage, env: docker.env, run, onStep, signal };
  const built = new Map<string, string>();
  const images = new Map<NodeName, string>();
  for (const { name, service, group } of deployment.layout.nodes) {
    const named = deployment.layout.model.services.find((each) => each.name === service)?.image;
    if (named === undefined) continue;
    if (named !== imagePlaceholder) {
      const labels = (await docker.engine.inspectImage(named))?.labels;
      if (labels?.[cacheLabel] !== undefined) images.set(name, named);
      continue;
    }
    const key = programKey(group.program);
    const image =
      built.get(key) ?? (await ensureImage(docker.engine, { ...request, program: group.program }));
    built.set(key, image);
    images.set(name, image);
  }
  return images;
}

function configure(layout: DockerLayout, node: PlacedNode, exports: ExportStore): NodeConfiguration {
  return node.group.configure(node, {
    home: imageHome,
    nodes: layout.nodes,
    endpoint: (target, plane) => findEndpoint(layout, target, { seenBy: { node: node.name }, plane }),
    // All of the container's addresses: which of them is published, and where, the compose file says.
    listen: (plane) => ({ host: "0.0.0.0", port: listeningPort(layout, node, plane) }),
    exported: exports.seenBy(node.group),
  });
}

function containerOf(
  { service }: PlacedNode,
  containers: readonly ContainerSummary[],
  compose: Compose,
): ContainerSummary {
  const container = containers.find(({ labels }) => labels[serviceLabel] === service);
  if (container !== undefined) return container;
  const action = compose.argv.join(" ");
  throw new ComposeError(`it created no container for service ${service}`, { action });
}
