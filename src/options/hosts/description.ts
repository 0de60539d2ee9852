import type { YamlWithLines } from "../../core/documents/yaml.ts";
import type { Diagnostic } from "../../core/errors.ts";
import type { Given } from "../rules/rule.ts";

export interface HostsFile {
  readonly path: string;
  /** undefined: it could not be read, which was told already. */
  readonly text: string | undefined;
  /** Where the hosts are a part of a larger YAML file: that part, which counts in place of the text. */
  readonly part?: FilePart | undefined;
}

/** What stands in a place of a YAML file, its variables put in. */
export interface FilePart extends YamlWithLines {
  /** What variables stood for. */
  readonly hidden: readonly string[];
}

/** Where hosts may be described. */
export interface HostSources {
  /** An empty variable counts as not set. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The file of `--hosts`: YAML where its name says so, else `NAME=value` lines. */
  readonly file?: HostsFile | undefined;
  /** For `~/` in paths. */
  readonly home: string;
}

/** One host as somebody described it, unchecked. */
export interface DescribedHost {
  /** How its giver called it: "MYSTICETI_NODE0_HOST", "hosts[0] in hosts.yaml". */
  readonly place: string;
  /** Where none is given. */
  readonly fallbackName: string;
  readonly fields: HostFields;
}

export interface DescribedHosts {
  readonly hosts: readonly DescribedHost[];
  /** For clients alone; of those that variables describe, some may lack an address. */
  readonly clients: readonly DescribedHost[];
  /** Hosts say which node they hold (NODE0, NODE1, …): a missing one has a name. */
  readonly numbered: boolean;
  /** Whether what was given could be read so far that it can lack something. */
  readonly readable: boolean;
  readonly sshTimeout?: Given | undefined;
  readonly knownHosts?: Given | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** What is wrong with `clients` alone. */
  readonly clientDiagnostics: readonly Diagnostic[];
}

/** What may be said of a host, by its key in YAML. */
export const hostFields = {
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

type HostField = (typeof hostFields)[keyof typeof hostFields];
export type HostFields = Readonly<Partial<Record<HostField, Given>>>;
