import { describeError, type Fault } from "../core/errors.ts";
import { suggestion } from "../core/nearest.ts";
import { parseYaml } from "../core/yaml.ts";
import type { DescribedHost, DescribedHosts, HostField } from "./host-description.ts";
import { numberedVariable, type Variables } from "./host-variables.ts";
import type { Given } from "./rule.ts";

/** The keys of a host in YAML, in snake case. */
const yamlFields = {
  name: "name",
  address: "address",
  user: "user",
  key: "keyFile",
  port: "port",
  jump: "jump",
  private_address: "privateAddress",
  region: "region",
  nodes: "nodes",
} as const;

/** Those of a host for clients alone. */
const clientKeys = Object.keys(yamlFields).filter((key) => key !== "nodes" && key !== "private_address");

const topKeys = ["hosts", "clients", "ssh_timeout", "known_hosts"];

/** Hosts of a YAML file. The environment may name the file of known hosts and the time-out, but no hosts beside it. */
export function describeYaml(
  { path, text }: { readonly path: string; readonly text: string },
  environment: Variables,
): DescribedHosts {
  const faults: Fault[] = [...environment.faults];
  const refuse = (message: string) => faults.push({ code: "hosts-file", message });
  const fromEnvironment = [...environment.variables.keys()].filter((name) => numberedVariable.test(name));
  if (fromEnvironment.length > 0) {
    refuse(
      `${path} and the environment (${fromEnvironment[0]}${fromEnvironment.length > 1 ? " and others" : ""}) both describe hosts. Unset the variables, or leave the file out.`,
    );
  }
  const content = readYaml(path, text, refuse);
  const top = isMapping(content) ? readKeys(content, { keys: topKeys, path, prefix: "" }, faults) : {};
  const items = top.hosts?.value;
  if (content !== undefined && !Array.isArray(items)) {
    refuse(`${path}: no list of hosts. Give "hosts:" with a line such as "- address: 10.0.1.10" for each.`);
  }
  const clients = top.clients?.value ?? [];
  if (!Array.isArray(clients)) {
    refuse(`${path}: "clients" is no list. Give it a line such as "- address: 10.0.1.20" for each host.`);
  }
  return {
    hosts: Array.isArray(items)
      ? items.map((item: unknown, index) => describeHost(item, { ...hostList, path, index }, faults))
      : [],
    clients: Array.isArray(clients)
      ? clients.map((item: unknown, index) => describeHost(item, { ...clientList, path, index }, faults))
      : [],
    numbered: false,
    readable: Array.isArray(items),
    sshTimeout: environment.variables.get("SSH_TIMEOUT") ?? top.ssh_timeout,
    knownHosts: environment.variables.get("MYSTICETI_KNOWN_HOSTS") ?? top.known_hosts,
    faults,
    clientFaults: [],
  };
}

/** A list of hosts in the file: its name, the keys of each, and what one is called that has no name. */
interface HostList {
  readonly list: string;
  readonly keys: readonly string[];
  readonly fallback: string;
}

const hostList: HostList = { list: "hosts", keys: Object.keys(yamlFields), fallback: "host" };
const clientList: HostList = { list: "clients", keys: clientKeys, fallback: "client-host" };

/** One without an address still has its nodes, so that their lack is not told as well. */
function describeHost(
  item: unknown,
  { list, keys: known, fallback, path, index }: HostList & { readonly path: string; readonly index: number },
  faults: Fault[],
): DescribedHost {
  const place = `${list}[${index}] in ${path}`;
  const terms = { keys: known, path, prefix: `${list}[${index}].` };
  const keys = isMapping(item) ? readKeys(item, terms, faults) : {};
  const fields: Partial<Record<HostField, Given>> = {};
  for (const [key, field] of Object.entries(yamlFields)) {
    if (keys[key] !== undefined) fields[field] = keys[key];
  }
  if (fields.address === undefined) {
    const message = `${place}: it has no address. Give one, such as "address: 10.0.1.10".`;
    faults.push({ code: "host-missing", message });
  }
  return { place, fallbackName: `${fallback}${index}`, fields };
}

const isMapping = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** undefined where it cannot be read, which is told. */
function readYaml(path: string, text: string, refuse: (message: string) => void): unknown {
  try {
    return parseYaml(text) ?? {};
  } catch (error) {
    refuse(`${path}: ${describeError(error)}. Give a readable YAML file.`);
    return undefined;
  }
}

interface KeyTerms {
  readonly keys: readonly string[];
  readonly path: string;
  /** Where the mapping stands: "hosts[0]." */
  readonly prefix: string;
}

/** The known keys of a YAML mapping by their names in snake case; camelCase is read too. */
function readKeys(mapping: object, { keys, path, prefix }: KeyTerms, faults: Fault[]): Record<string, Given> {
  const read: Record<string, Given> = {};
  for (const [key, value] of Object.entries(mapping)) {
    const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const name = `${prefix}${key} in ${path}`;
    if (keys.includes(snake)) {
      if (value !== null) read[snake] = { name, value, rank: 2 };
    } else {
      const remedy = suggestion(snake, keys) || ` Leave it out, or give one of ${keys.join(", ")}.`;
      faults.push({ code: "unknown-key", message: `${name}: no such key.${remedy}` });
    }
  }
  return read;
}
