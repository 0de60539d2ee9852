/** The files that lead to a testbed's hosts: addresses and keys for `--hosts`, host keys for SSH. Pure. */
import { formatKnownHostName } from "../ssh/keys/known-hosts.ts";

/** A host that is up, and how it is reached. */
export interface TestHost {
  readonly name: string;
  readonly address: string;
  readonly sshPort: number;
  readonly user: string;
  readonly keyFile: string;
  /** Public key of its sshd: "ssh-ed25519 AAAA…". */
  readonly hostKey: string;
  /** At which the other hosts reach it. */
  readonly privateAddress: string;
}

/** First line of every hosts file that a testbed writes, so that no other file is ever overwritten. */
export const hostsFileMark = "# Test hosts made by `baleen testbed up`.";

/**
 * Formats the file for `--hosts`.
 *
 * @param options.nodePorts whether the nodes' ports are published, too
 */
export function formatHostsFile(
  hosts: readonly TestHost[],
  options: { readonly knownHostsFile: string; readonly nodePorts: boolean },
): string {
  const way = options.nodePorts ? "" : " --rpc-via ssh";
  const few = hosts.length < 4 ? " --allow-no-faults" : "";
  const committee = hosts.length === 4 ? "" : ` --committee ${hosts.length}${few}`;
  return [
    hostsFileMark,
    `# Use them:    npx benchmark --network-type remote --hosts THIS_FILE${committee}${way}`,
    "# Remove them: npx baleen testbed down",
    "",
    `MYSTICETI_KNOWN_HOSTS=${formatValue(options.knownHostsFile)}`,
    ...hosts.flatMap((host, index) => {
      const line = (key: string, value: string) => `MYSTICETI_NODE${index}_${key}=${formatValue(value)}`;
      return [
        "",
        `# ${host.name}`,
        line("HOST", host.address),
        line("SSH_PORT", String(host.sshPort)),
        line("SSH_USER", host.user),
        line("SSH_KEY", host.keyFile),
        line("PRIVATE_HOST", host.privateAddress),
      ];
    }),
    "",
  ].join("\n");
}

/** Formats the hosts' keys as sshd(8) has known_hosts. */
export function formatKnownHosts(
  hosts: readonly Pick<TestHost, "address" | "sshPort" | "hostKey">[],
): string {
  return hosts
    .map(({ address, sshPort, hostKey }) => {
      return `${formatKnownHostName({ host: address, port: sshPort })} ${hostKey}\n`;
    })
    .join("");
}

/** A value of an .env file: bare where it can be, else in quotes. */
function formatValue(value: string): string {
  if (/^[\w@%+=:,./-]+$/.test(value)) return value;
  return /['\n\r]/.test(value) ? JSON.stringify(value) : `'${value}'`;
}
