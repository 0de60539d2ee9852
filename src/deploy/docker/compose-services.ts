/** Reading a compose file in the normal form of `compose config` (v1 or v2): services, ports, what is external. Pure. */

import type { Endpoint } from "../../contracts/nodes/node.ts";
import { highestPort } from "../../core/address.ts";
import { parseYaml } from "../../core/documents/yaml.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { containerPorts, nodeLabel } from "../containers/compose-file.ts";
import type { Labels } from "../engine/types.ts";
import { imageHome } from "../images/image.ts";

/** A TCP port that is published on a port of this machine; on "0.0.0.0" where the file names no address. */
interface ServicePort {
  readonly host: string;
  /** undefined where the engine is to choose one. */
  readonly port: number | undefined;
  readonly containerPort: number;
}

type ComposeService = ReturnType<typeof readService>;

export type ComposeModel = ReturnType<typeof parseComposeModel>;

type Table = Readonly<Record<string, unknown>>;

/** @throws YamlError */
export function parseComposeModel(text: string) {
  const file = asTable(parseYaml(text));
  const services = Object.entries(asTable(file.services)).map(([name, value]) => {
    return [name, asTable(value)] as const;
  });
  const usesDefault = services.some(
    ([, value]) =>
      value.network_mode === undefined &&
      (value.networks === undefined || Object.hasOwn(asTable(value.networks), "default")),
  );
  const networks = asTable(file.networks);
  const implied = usesDefault && !Object.hasOwn(networks, "default") ? ["default"] : [];
  return {
    services: services.map((service) => readService(...service)).sort(byName),
    /** Those that compose makes itself, so that they can be labelled. */
    volumes: listOwn(asTable(file.volumes)),
    networks: [...listOwn(networks), ...implied],
  };
}

/** A service that is a node, and where this machine reaches it. */
export interface NodeService {
  readonly service: string;
  readonly rpc: Endpoint;
  readonly metrics: Endpoint | undefined;
}

/**
 * Finds the nodes among the services: those labelled `baleen.node: <i>`, else those that publish the RPC port, in
 * order of name.
 *
 * @returns the nodes by number, or all that is wrong
 */
export function selectNodes(
  model: ComposeModel,
  { path, committee, rpcPort }: { path: string; committee: number; rpcPort: number },
): { nodes: NodeService[] } | { diagnostics: Diagnostic[] } {
  const labelled = model.services.filter((service) => service.labels[nodeLabel] !== undefined);
  const publishing = model.services.filter((service) => findPort(service, rpcPort) !== undefined);
  const found = labelled.length > 0 ? labelled : publishing;
  const diagnostics: Diagnostic[] = [];
  const diagnostic = (code: ErrorCode, message: string) => diagnostics.push({ code, message });
  if (found.length === 0) {
    diagnostic(
      "compose-no-nodes",
      `No service of ${path} is labelled ${nodeLabel} or publishes port ${rpcPort}. Label the nodes ${nodeLabel}: 0, 1, …; or name their RPC port with --rpc-port; or name another file with --docker-compose-path.`,
    );
  } else if (found.length !== committee) {
    const names = found.map(({ name }) => name).join(", ");
    diagnostic(
      "compose-committee",
      `${path} has ${found.length === 1 ? "1 node" : `${found.length} nodes`} (${names}), but the committee is ${committee}. Set --committee ${found.length}, or name another file with --docker-compose-path.`,
    );
  }
  const numbers = labelled.map((service) => service.labels[nodeLabel] ?? "");
  if (labelled.length > 0 && !numbers.every((_, i) => numbers.includes(`${i}`))) {
    diagnostic(
      "compose-labels",
      `The labels ${nodeLabel} in ${path} are ${numbers.join(", ")}. Number the nodes from 0 to ${labelled.length - 1}, and use each number once.`,
    );
  }
  const number = ({ labels }: ComposeService) => Number(labels[nodeLabel] ?? 0);
  const sorted = found.toSorted((a, b) => number(a) - number(b));
  const nodes = sorted.flatMap((service) => {
    const rpc = findPort(service, rpcPort);
    if (rpc?.port === undefined) {
      diagnostic(
        "compose-port",
        `Service ${service.name} of ${path} does not publish its RPC port ${rpcPort} on a port of its own. Publish it, for example as 127.0.0.1:26657:${rpcPort}; or name the RPC port with --rpc-port.`,
      );
      return [];
    }
    const metrics = findPort(service, containerPorts.metrics);
    const metricsEndpoint = metrics?.port === undefined ? undefined : reach(metrics.host, metrics.port);
    return [{ service: service.name, rpc: reach(rpc.host, rpc.port), metrics: metricsEndpoint }];
  });
  return diagnostics.length > 0 ? { diagnostics } : { nodes };
}

function findPort(service: ComposeService, containerPort: number): ServicePort | undefined {
  const published = service.ports.filter((port) => port.containerPort === containerPort);
  return published.find(({ port }) => port !== undefined) ?? published[0];
}

/** How this machine reaches a port that is published on `host`. */
function reach(host: string, port: number): Endpoint {
  if (host === "0.0.0.0") return { host: "127.0.0.1", port };
  return { host: host === "::" ? "::1" : host, port };
}

function readService(name: string, value: Table) {
  const ports = Array.isArray(value.ports) ? value.ports : [];
  return {
    name,
    /** undefined where it is built. */
    image: asText(value.image),
    containerName: asText(value.container_name),
    labels: readLabels(value.labels),
    /** Its home is a folder of this machine, where what a run puts there would stay. */
    hasOwnHome: (Array.isArray(value.volumes) ? value.volumes : []).some(isFolderOfHome),
    ports: ports.flatMap(readPort),
  };
}

/** Whether it is "/some/folder:/home/node:ro" or {type: "bind", target: "/home/node"}. */
function isFolderOfHome(value: unknown): boolean {
  const { type, target } = asTable(value);
  if (typeof value !== "string") return type === "bind" && target === imageHome;
  const [source = "", place] = value.split(":");
  return place === imageHome && /^[./~]/.test(source);
}

/** Reads "127.0.0.1:26657:26657/tcp" or {target, published, host_ip, protocol}; ranges are expanded. */
function readPort(value: unknown): ServicePort[] {
  if (typeof value === "object" && value !== null) {
    const port = asTable(value);
    if ((asText(port.protocol) ?? "tcp") !== "tcp") return [];
    const host = asText(port.host_ip) || "0.0.0.0";
    return [{ containerPort: Number(port.target), host, port: readPortNumber(asText(port.published) ?? "") }];
  }
  const match = /^(?:(?:\[?([0-9a-fA-F.:]+?)\]?:)?([\d-]*):)?([\d-]+)(?:\/(\w+))?$/.exec(`${value}`);
  if (match === null || (match[4] ?? "tcp") !== "tcp") return [];
  const targets = expand(match[3] ?? "");
  const published = expand(match[2] ?? "");
  const paired = published.length === targets.length;
  return targets.map((containerPort, i) => ({
    containerPort,
    host: match[1] || "0.0.0.0",
    port: paired ? published[i] : undefined,
  }));
}

function expand(range: string): number[] {
  const [first, last = first] = range.split("-").map(Number);
  if (range === "" || first === undefined || last === undefined || last < first || last > highestPort)
    return [];
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function readPortNumber(text: string): number | undefined {
  return /^\d+$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
}

function readLabels(value: unknown): Labels {
  const pairs = Array.isArray(value)
    ? value.map((line) => `${line}`.split(/=(.*)/s, 2))
    : Object.entries(asTable(value));
  return Object.fromEntries(pairs.map(([name, text]) => [name, `${text ?? ""}`]));
}

function listOwn(things: Table): string[] {
  return Object.entries(things)
    .filter(([, value]) => !asTable(value).external)
    .map(([name]) => name);
}

function asTable(value: unknown): Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Table) : {};
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? `${value}` : undefined;
}

function byName(a: { name: string }, b: { name: string }): number {
  // By number where names end in one: node2 before node10.
  return a.name.localeCompare(b.name, "en", { numeric: true });
}
