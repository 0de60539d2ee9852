import { basename, join, resolve } from "node:path";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { formatArgv } from "../../core/process/command.ts";
import type { ContainerSummary } from "../engine/containers.ts";
import type { Engine } from "../engine/engine.ts";
import { findHolder, runLabel } from "../engine/ownership.ts";
import { basePortFlags } from "../nodes/base-ports.ts";
import { findPortHolder, isPortFree } from "../nodes/ports.ts";
import type { DockerLayout } from "./layout.ts";

/** Below this the engine may listen, but we may not try. */
const firstUnprivilegedPort = 1024;

/** Everything that holds a port or a name that a compose file wants, our own leftovers apart: those are replaced. */
export async function findConflicts(
  engine: Engine,
  layout: DockerLayout,
  path = layout.file.kind === "foreign" ? layout.file.path : undefined,
): Promise<Diagnostic[]> {
  const containers = await engine.listContainers();
  const running = path === undefined ? [] : findStartedFrom(path, containers);
  if (path !== undefined && running.length > 0) {
    const names = running.map(({ name }) => name).join(", ");
    const stop = formatArgv(["docker", "compose", "-f", path, "down"]);
    const message = `The network of ${path} is already running (${names}). Stop it first: ${stop}`;
    return [{ code: "port-taken", message }];
  }
  const ports = await findPortConflicts(layout, containers);
  const strangers = listWantedNames(layout).flatMap(
    (name) => containers.find((container) => container.name === name && !isOurs(container)) ?? [],
  );
  return [
    ...ports,
    ...strangers.map(
      ({ name, image }): Diagnostic => ({
        code: "container-name-taken",
        message: `A container named ${name} (image ${image}) already exists, and Baleen did not create it. Rename or remove it, or change container_name in the compose file.`,
      }),
    ),
  ];
}

/** Containers that run because somebody gave the file to compose. */
function findStartedFrom(path: string, containers: readonly ContainerSummary[]): ContainerSummary[] {
  return containers.filter((container) => {
    const { labels, state } = container;
    const [file = ""] = labels["com.docker.compose.project.config_files"]?.split(",") ?? [];
    const folder = labels["com.docker.compose.project.working_dir"] ?? "";
    // Compose v1 names the file as it was given, wherever that was; its folder it names in full.
    return state === "running" && !isOurs(container) && join(folder, basename(file)) === resolve(path);
  });
}

/** The same of ports alone. @param containers all of the engine that is to publish them */
export async function findPortConflicts(
  layout: Pick<DockerLayout, "model" | "file">,
  containers: readonly ContainerSummary[],
): Promise<Diagnostic[]> {
  const found = await Promise.all(
    listWantedPorts(layout).map((wanted) => findPortConflict(wanted, containers, layout.file.kind)),
  );
  return found.filter((diagnostic) => diagnostic !== undefined);
}

/** Whether a container that bears our label is in the way of what a compose file wants. */
export function standsInTheWay(container: ContainerSummary, layout: DockerLayout): boolean {
  if (listWantedNames(layout).includes(container.name)) return true;
  return listWantedPorts(layout).some((port) => holdsPort(container, port));
}

async function findPortConflict(
  wanted: Endpoint,
  containers: readonly ContainerSummary[],
  file: DockerLayout["file"]["kind"],
): Promise<Diagnostic | undefined> {
  const { host, port } = wanted;
  const others =
    file === "ours"
      ? `use other ports: ${Object.values(basePortFlags).join(", ")}`
      : "publish another port in the compose file";
  const taken = (holder: string, command?: string): Diagnostic => ({
    code: "port-taken",
    message: `Port ${port} of ${host} is taken by ${holder}. Stop it, or ${others}.`,
    command,
  });
  const holders = containers.filter((container) => holdsPort(container, wanted));
  const foreign = holders.find((container) => !isOurs(container));
  if (foreign !== undefined) {
    const stop = formatArgv(["docker", "stop", foreign.name]);
    return taken(`container ${foreign.name} (image ${foreign.image})`, stop);
  }
  for (const holder of holders) {
    const found = await findHolder(holder.labels, false);
    if (found === undefined) continue;
    return taken(
      `container ${holder.name} of run ${holder.labels[runLabel]}, which ${found.description} controls`,
    );
  }
  if (holders.length > 0) return undefined;
  const free = await isPortFree(host, port).catch(() => undefined);
  if (free === true) return undefined;
  if (free === undefined) {
    return {
      code: "port-address",
      message: `Cannot publish port ${port} on ${host}, which is not an address of this machine.`,
    };
  }
  const holder = await findPortHolder(port, host);
  if (holder === undefined && port < firstUnprivilegedPort) return undefined;
  const { pid, description = "an unknown process" } = holder ?? {};
  return taken(description, pid === undefined ? undefined : `kill ${pid}`);
}

function listWantedPorts(layout: Pick<DockerLayout, "model">): Endpoint[] {
  return layout.model.services.flatMap((service) =>
    service.ports.flatMap(({ host, port }) => (port === undefined ? [] : [{ host, port }])),
  );
}

function listWantedNames(layout: DockerLayout): string[] {
  return layout.model.services.flatMap(({ containerName }) => containerName ?? []);
}

function isOurs(container: ContainerSummary): boolean {
  return container.labels[runLabel] !== undefined;
}

/** Whether a container is published where a port is wanted, on all addresses perhaps. */
export function holdsPort(container: ContainerSummary, wanted: Endpoint): boolean {
  const all = (host: string) => host === "0.0.0.0" || host === "::" || host === "";
  return container.ports.some(
    ({ host, port }) => port === wanted.port && (host === wanted.host || all(host) || all(wanted.host)),
  );
}
