import { readYamlFile } from "../../core/documents/yaml.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { isTable, mapKeys, snakeCase } from "../../core/keys.ts";
import { suggestion } from "../../core/text/nearest.ts";
import type { Given } from "../rules/rule.ts";
import {
  type DescribedHost,
  type DescribedHosts,
  type FilePart,
  type HostFields,
  type HostsFile,
  hostFields,
} from "./description.ts";
import { numberedVariable, type Variables } from "./variables.ts";

/** Where the hosts stand. */
interface FilePlace extends Omit<FilePart, "value"> {
  readonly path: string;
}

export const hostKeys: readonly string[] = Object.keys(hostFields);

/** Those of a host for clients alone. */
export const clientHostKeys: readonly string[] = hostKeys.filter(
  (key) => key !== "nodes" && key !== "private_address",
);

const topKeys = ["hosts", "clients", "ssh_timeout", "known_hosts"];

/** Hosts of a YAML file. The environment may name the file of known hosts and the time-out, but no hosts beside it. */
export function describeYaml({ path, text = "", part }: HostsFile, environment: Variables): DescribedHosts {
  const diagnostics: Diagnostic[] = [...environment.diagnostics];
  const refuse = (message: string) => diagnostics.push({ code: "hosts-file", message });
  const fromEnvironment = [...environment.variables.keys()].filter((name) => numberedVariable.test(name));
  if (fromEnvironment.length > 0) {
    const shown = `${fromEnvironment[0]}${fromEnvironment.length > 1 ? " and others" : ""}`;
    const remedy = "Unset the variables, or remove the file.";
    refuse(`${path} and the environment (${shown}) both describe hosts. ${remedy}`);
  }
  const document = part ?? readYamlFile(path, text, refuse);
  const content = document && (document.value ?? {});
  const lineOf = document?.lineOf ?? (() => 1);
  const place: FilePlace = { path, lineOf, hidden: part?.hidden ?? [] };
  const top = isTable(content) ? readKeys(content, { ...place, keys: topKeys, at: [] }, diagnostics) : {};
  const hosts = top.hosts?.value;
  if (content !== undefined && !Array.isArray(hosts)) {
    const remedy = 'Write "hosts:" with a line such as "- address: 10.0.1.10" for each.';
    refuse(`${path}:${lineOf(["hosts"])}: not a list of hosts. ${remedy}`);
  }
  const clients = top.clients?.value ?? [];
  if (!Array.isArray(clients)) {
    const remedy = 'Add a line such as "- address: 10.0.1.20" for each host.';
    refuse(`${path}:${lineOf(["clients"])}: "clients" is not a list. ${remedy}`);
  }
  const describeAll = (kind: HostList) => {
    const items = top[kind.list]?.value;
    return (Array.isArray(items) ? items : []).map((item: unknown, index) =>
      describeHost(item, { ...kind, ...place, index }, diagnostics),
    );
  };
  return {
    hosts: describeAll({ list: "hosts", keys: hostKeys, fallback: "host" }),
    clients: describeAll({ list: "clients", keys: clientHostKeys, fallback: "client-host" }),
    numbered: false,
    readable: Array.isArray(hosts),
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
  const fields: HostFields = mapKeys(keys, (key) => hostFields[key as keyof typeof hostFields]);
  if (fields.address === undefined) {
    const message = `${place}: it has no address. Add one, such as "address: 10.0.1.10".`;
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
    const snake = snakeCase(key);
    const name = `${prefix}${key} in ${path}:${lineOf([...at, key])}`;
    if (keys.includes(snake)) {
      if (value !== null) read[snake] = { name, value, rank: 2, ...(hidden.length === 0 ? {} : { hidden }) };
    } else {
      const remedy = suggestion(snake, keys) || ` Remove it, or give one of ${keys.join(", ")}.`;
      diagnostics.push({ code: "unknown-key", message: `${name}: no such key.${remedy}` });
    }
  }
  return read;
}
