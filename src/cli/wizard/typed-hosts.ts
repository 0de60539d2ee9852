/** Hosts as they are typed in one after the other. Pure. */
import { formatYaml } from "../../core/documents/yaml.ts";
import { parseJumps } from "../../deploy/ssh/config/config-file.ts";

/** A host as it was typed; what is left out follows from ~/.ssh/config and the defaults. */
export interface TypedHost {
  readonly address: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly keyFile?: string | undefined;
  readonly jump?: string | undefined;
  /** Where the other hosts reach it; left out where that is `address`. */
  readonly privateAddress?: string | undefined;
}

/** `[user@]address[:port]`; undefined where the text is none. */
export function parseHostLine(text: string): Pick<TypedHost, "address" | "user" | "port"> | undefined {
  const [hop, ...more] = parseJumps(text) ?? [];
  if (hop === undefined || more.length > 0) return undefined;
  return { address: hop.host, user: hop.user, port: hop.port };
}

/** As it could have been typed. */
export function formatHostLine({ address, user, port }: TypedHost): string {
  const host = port !== undefined && address.includes(":") ? `[${address}]` : address;
  return `${user === undefined ? "" : `${user}@`}${host}${port === undefined ? "" : `:${port}`}`;
}

/** A file of these hosts, for `--hosts`; each may hold as many nodes as make so many. */
export function formatHostsFile(hosts: readonly TypedHost[], nodes: number): string {
  const each = Math.ceil(nodes / Math.max(1, hosts.length));
  const described = hosts.map(({ address, user, port, keyFile, jump, privateAddress }) => ({
    address,
    ...(privateAddress === undefined ? {} : { private_address: privateAddress }),
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
    ...(keyFile === undefined ? {} : { key: keyFile }),
    ...(jump === undefined ? {} : { jump }),
    ...(each > 1 ? { nodes: each } : {}),
  }));
  return `# Hosts of a remote network, for --hosts. baleen hosts check looks at them.\n${formatYaml({ hosts: described })}`;
}
