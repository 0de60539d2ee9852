import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Network, NodeConfiguration } from "../../contracts/deployment.ts";
import { mapBounded } from "../../core/async.ts";
import { openTemporaryFolder } from "../../core/process/temporary.ts";
import { imagePlaceholder, imageVariable, renderOverride, serviceLabel } from "../containers/compose-file.ts";
import { type DockerWatch, watchContainers } from "../containers/node.ts";
import { describeStart, programKey, putNodeFiles } from "../containers/program.ts";
import type { ContainerSummary } from "../engine/containers.ts";
import {
  cacheLabel,
  describeOwnHolder,
  listLeftovers,
  removeLeftovers,
  runLabel,
} from "../engine/ownership.ts";
import { ensureImage, imageHome, imageUser } from "../images/image.ts";
import type { ContainerLinks } from "../links/nodes.ts";
import { type ExportStore, type Stage, startInStages } from "../nodes/stages.ts";
import { type Compose, ComposeError, type ComposeProject } from "./compose.ts";
import type { DockerLayout, PlacedNode } from "./layout.ts";
import { openDockerLinks } from "./links.ts";
import {
  type DockerDeployment,
  findEndpoint,
  listeningPort,
  openDockerNetwork,
  requestsAtOnce,
} from "./network.ts";
import { standsInTheWay } from "./ports.ts";

/** Makes and starts the containers of a layout. Where it fails, what was made is for the caller to remove. */
export async function deployLayout(asked: DockerDeployment): Promise<Network> {
  const { deployer, plan, options } = asked;
  await replaceLeftovers(asked);
  const layout = { ...asked.layout, nodes: await prepareImages(asked) };
  const deployment = { ...asked, layout };
  await using folder = await openTemporaryFolder(options.run);
  const watch = await watchContainers([deployer.docker.engine], options.run);
  let links: ContainerLinks | undefined;
  try {
    links = await openDockerLinks(deployment, watch);
    const project = await openProject(folder.path, deployment);
    await startInStages({
      plan,
      nodes: layout.nodes,
      start: async (stage) => {
        await startStage(stage, deployment, project, watch);
        if (links !== undefined) await shapeStage(stage, deployment, links);
      },
      find: watch.find,
      at: (name, plane) => findEndpoint(layout, name, { seenBy: "coordinator", plane }),
      signal: options.signal,
    });
    return openDockerNetwork(deployment, watch, links);
  } catch (error) {
    watch.end();
    await links?.shapers[Symbol.asyncDispose]();
    throw error;
  }
}

/** What compose is told, from stage to stage. */
type Project = Awaited<ReturnType<typeof openProject>>;

/** Writes a layout's own compose file, where it has one, into a folder that the project's files are kept in. */
async function openProject(folder: string, { layout, options: { run } }: DockerDeployment) {
  const base = layout.file.kind === "foreign" ? layout.file.path : join(folder, "docker-compose.yml");
  if (layout.file.kind === "ours") await writeFile(base, layout.file.text);
  const override = join(folder, "override.yml");
  const { volumes, networks } = layout.model;
  const holder = await describeOwnHolder();
  const started = new Map<string, Pick<PlacedNode, "image"> & ReturnType<typeof describeStart>>();
  // Compose takes lower-case letters, digits, - and _ only.
  const name = `baleen-${run.toLowerCase().replaceAll(/[^a-z0-9_-]/g, "-")}`;
  return {
    /**
     * Writes down how nodes of ours are to be started, beside those of before.
     *
     * @param services that are to be made now; undefined: all
     */
    write: async (
      nodes: ReadonlyMap<PlacedNode, NodeConfiguration>,
      services: readonly string[] | undefined,
    ): Promise<ComposeProject> => {
      for (const [{ service, image, group }, configuration] of nodes) {
        started.set(service, { image, ...describeStart(group.program, configuration) });
      }
      const described = layout.model.services.map(({ name: service, hasOwnHome }) => {
        const start = started.get(service);
        // Each network has keys and data of its own, and leaves none in somebody's folder.
        if (!hasOwnHome || start?.image === undefined) return { name: service, ...start, home: undefined };
        const user = `${imageUser}:${imageUser}`;
        return { name: service, ...start, user, home: `baleen-home-of-${service}` };
      });
      const homes = described.flatMap(({ home }) => home ?? []);
      const all = { run, holder, services: described, volumes: [...volumes, ...homes], networks };
      await writeFile(override, renderOverride(all));
      return { name, files: [base, override], services, variables: { [imageVariable]: imagePlaceholder } };
    },
  };
}

async function startStage(
  { nodes, exports, isFirst, isOnly }: Stage<PlacedNode>,
  deployment: DockerDeployment,
  project: Project,
  watch: DockerWatch,
): Promise<void> {
  const { deployer, layout, options } = deployment;
  const { engine, compose } = deployer.docker;
  const ours = nodes.filter(({ image }) => image !== undefined);
  const configurations = new Map(ours.map((node) => [node, configure(layout, node, exports)]));
  const services = listServices(layout, nodes, isFirst);
  const part = await project.write(configurations, isOnly ? undefined : services);
  notify(deployment, "creating the containers", part.name);
  await compose.create(part, options.signal);
  const containers = await engine.listContainers({ label: `${runLabel}=${options.run}` });
  await mapBounded(nodes, requestsAtOnce, async (node) => {
    const { id } = containerOf(node, containers, compose);
    const configuration = configurations.get(node);
    if (configuration !== undefined) await putNodeFiles(engine, id, configuration.files);
    watch.add(engine, node, id);
  });
  const addresses = nodes.map(describeAddress);
  notify(deployment, `starting ${nodes.length} nodes as containers`, addresses.join(", "));
  await compose.start(part, options.signal);
}

/** As soon as they run: what they say to each other before is not delayed. */
async function shapeStage(
  { nodes }: Stage<PlacedNode>,
  deployment: DockerDeployment,
  { shapers }: ContainerLinks,
): Promise<void> {
  notify(deployment, "shaping the links", `${nodes.length} nodes`);
  const names = nodes.map(({ name }) => name);
  await shapers.admit(names, deployment.options.signal);
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
    if (left.holder !== undefined) continue;
    if (left.run !== deployment.options.run && !inTheWay) continue;
    const names = [...left.containers.map(({ name }) => name), ...left.networks, ...left.volumes];
    notify(deployment, `replacing the leftovers of run ${left.run}`, names.join(", "));
    await removeLeftovers(engine, left.run, { volumes: true });
  }
}

/** The nodes of a layout with the images of those that are ours, which are made where they are missing. */
async function prepareImages(deployment: DockerDeployment): Promise<PlacedNode[]> {
  const { docker, nodeBinary, baseImage } = deployment.deployer;
  const { signal, run } = deployment.options;
  const onStep = (step: string, detail?: string) => notify(deployment, step, detail);
  const request = { nodeBinary, baseImage, env: docker.env, run, onStep, signal };
  const { nodes, model } = deployment.layout;
  const images = new Map<string, string>();
  const prepared: PlacedNode[] = [];
  for (const node of nodes) {
    const { program } = node.group;
    const named = model.services.find(({ name }) => name === node.service)?.image;
    const key = named === imagePlaceholder ? programKey(program) : named;
    if (key !== undefined && !images.has(key)) {
      if (named === imagePlaceholder)
        images.set(key, await ensureImage(docker.engine, { ...request, program }));
      else if ((await docker.engine.inspectImage(key))?.labels[cacheLabel] !== undefined)
        images.set(key, key);
    }
    prepared.push({ ...node, image: key && images.get(key) });
  }
  return prepared;
}

/** What a node of a layout is given. @param exports what those that start before it have told */
export function configure(
  layout: DockerLayout,
  node: PlacedNode,
  exports: Pick<ExportStore, "seenBy">,
): NodeConfiguration {
  return node.group.configure(node, {
    home: imageHome,
    nodes: layout.nodes,
    endpoint: (target, plane) => findEndpoint(layout, target, { seenBy: { node: node.name }, plane }),
    // All of the container's addresses: which of them is published, and where, the compose file says.
    listen: (plane) => ({ host: "0.0.0.0", port: listeningPort(layout, node, plane) }),
    exported: exports.seenBy(node.group),
    overlay: layout.overlay,
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
