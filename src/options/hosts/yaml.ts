import { readYamlFile } from "../../core/documents/yaml.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { isTable } from "../../core/keys.ts";
import { suggestion } from "../../core/nearest.ts";
import type { Given } from "../rules/rule.ts";
import type { DescribedHost, DescribedHosts, FilePart, HostField } from "./description.ts";
import { numberedVariable, type Variables } from "./variables.ts";

/** Where the hosts stand. */
interface FilePlace extends Omit<FilePart, "value"> {
  readonly path: string;
}

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

export const hostKeys: readonly string[] = Object.keys(yamlFields);

/** Those of a host for clients alone. */
export const clientHostKeys: readonly string[] = hostKeys.filter(
  (key) => key !== "nodes" && key !== "private_address",
);

const topKeys = ["hosts", "clients", "ssh_timeout", "known_hosts"];

type HostsSource = { readonly path: string } & (
  | { readonly text: string }
  /** Parsed already. */
  | { readonly document: FilePart }
);

/** Hosts of a YAML file. The environment may name the file of known hosts and the time-out, but no hosts beside it. */
export function describeYaml(source: HostsSource, environment: Variables): DescribedHosts {
  const { path } = source;
  const diagnostics: Diagnostic[] = [...environment.diagnostics];
  const refuse = (message: string) => diagnostics.push({ code: "hosts-file", message });
  const fromEnvironment = [...environment.variables.keys()].filter((name) => numberedVariable.test(name));
  if (fromEnvironment.length > 0) {
    refuse(
      `${path} and the environment (${fromEnvironment[0]}${fromEnvironment.length > 1 ? " and others" : ""}) both describe hosts. Unset the variables, or leave the file out.`,
    );
  }
  const document = "document" in source ? source.document : readYamlFile(path, source.text, refuse);
  const content = document && (document.value ?? {});
  const place: FilePlace = {
    path,
    lineOf: document?.lineOf ?? (() => 1),
    hidden: "document" in source ? source.document.hidden : [],
  };
  const { lineOf } = place;
  const top = isTable(content) ? readKeys(content, { ...place, keys: topKeys, at: [] }, diagnostics) : {};
  const items = top.hosts?.value;
  if (content !== undefined && !Array.isArray(items)) {
    refuse(
      `${path}:${lineOf(["hosts"])}: no list of hosts. Give "hosts:" with a line such as "- address: 10.0.1.10" for each.`,
    );
  }
  const clients = top.clients?.value ?? [];
  if (!Array.isArray(clients)) {
    refuse(
      `${path}:${lineOf(["clients"])}: "clients" is no list. Give it a line such as "- address: 10.0.1.20" for each host.`,
    );
  }
  return {
    hosts: Array.isArray(items)
      ? items.map((item: unknown, index) => describeHost(item, { ...hostList, ...place, index }, diagnostics))
      : [],
    clients: Array.isArray(clients)
      ? clients.map((item: unknown, index) =>
          describeHost(item, { ...clientList, ...place, index }, diagnostics),
        )
      : [],
    numbered: false,
    readable: Array.isArray(items),
    sshTimeout: environment.variables.get("SSH_TIMEOUT") ?? top.ssh_timeout,
    knownHosts: environment.variables.get("MYSTICETI_KNOWN_HOSTS") ?? top.known_hosts,
    diagnostics,
    clientDiagnostics: [],
  };
}

/** A list of hosts in the file: its name, the keys of each, and what one is called that has no name. */
interface HostList {
  readonly list: string;
  readonly keys: readonly string[];
  readonly fallback: string;
}

const hostList: HostList = { list: "hosts", keys: hostKeys, fallback: "host" };
const clientList: HostList = { list: "clients", keys: clientHostKeys, fallback: "client-host" };

/** One without an address still has its nodes, so that their lack is not told as well. */
function describeHost(
  item: unknown,
  { list, keys: known, fallback, index, ...file }: HostList & FilePlace & { readonly index: number },
  diagnostics: Diagnostic[],
): DescribedHost {
  const at = [list, index];
  const place = `${list}[${index}] in ${file.path}:${file.lineOf(at)}`;
  const options = { ...file, keys: known, at };
  const keys = isTable(item) ? readKeys(item, options, diagnostics) : {};
  const fields: Partial<Record<HostField, Given>> = {};
  for (const [key, field] of Object.entries(yamlFields)) {
    if (keys[key] !== undefined) fields[field] = keys[key];
  }
  if (fields.address === undefined) {
    const message = `${place}: it has no address. Give one, such as "address: 10.0.1.10".`;
    diagnostics.push({ code: "host-missing", message });
  }
  return { place, fallbackName: `${fallback}${index}`, fields };
}

interface KeyOptions extends FilePlace {
  readonly keys: readonly string[];
  /** Where the mapping stands: "hosts", 0. */
  readonly at: readonly (string | number)[];
}

/** The known keys of a YAML mapping by their names in snake case; camelCase is read too. */
function readKeys(
  mapping: object,
  { keys, path, at, lineOf, hidden }: KeyOptions,
  diagnostics: Diagnostic[],
): Record<string, Given> {
  const read: Record<string, Given> = {};
  const [list, index] = at;
  const prefix = list === undefined ? "" : `${list}[${index}].`;
  for (const [key, value] of Object.entries(mapping)) {
    const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const name = `${prefix}${key} in ${path}:${lineOf([...at, key])}`;
    if (keys.includes(snake)) {
      if (value !== null) read[snake] = { name, value, rank: 2, ...(hidden.length === 0 ? {} : { hidden }) };
    } else {
      const remedy = suggestion(snake, keys) || ` Leave it out, or give one of ${keys.join(", ")}.`;
      diagnostics.push({ code: "unknown-key", message: `${name}: no such key.${remedy}` });
    }
  }
  return read;
}
