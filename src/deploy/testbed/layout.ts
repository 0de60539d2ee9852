/** Where the hosts of a testbed stand: names, labels, addresses and ports. Pure. */
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { formatKnownHostName } from "../ssh/keys/known-hosts.ts";

/** On every container, volume and network of a testbed; its value is the testbed's id. */
export const testbedLabel = "baleen.testbed";
/** On the same; its value is the state folder, for people who look for whose it is. */
export const ownerLabel = "baleen.testbed.state";
/** On every container of a testbed; its value is the number of the range that its addresses are from. */
export const rangeLabel = "baleen.testbed.range";

export const mostHosts = 16;
export const sshPortInside = 22;
/** Ports of a node on its host: for the other validators and its RPC, and for the metrics of several nodes. */
const nodePortRanges = [
  [26_656, 26_660],
  [26_670, 26_683],
] as const;

/**
 * How the hosts are reached from here. Linux answers on all of 127.0.0.0/8, so each host gets an address of its
 * own there and keeps the usual ports; elsewhere all share 127.0.0.1, and only SSH is published, host by host.
 */
export interface Addressing {
  /** Publish the nodes' ports too. */
  readonly nodePorts: boolean;
  /** Where the SSH of host `index` is reached. */
  readonly at: (index: number) => { readonly address: string; readonly sshPort: number };
}

/** Of the testbed that has no name of its own. */
export const usualTestbed = "default";

/** Where a testbed's keys are kept, under this user's state. */
export function testbedDir(stateDir: string, name: string): string {
  return name === usualTestbed ? join(stateDir, "testbed") : join(stateDir, "testbeds", name);
}

/** The same the other way round; undefined where it is none of this user's. */
export function testbedName(stateDir: string, folder: string): string | undefined {
  const name = folder === testbedDir(stateDir, usualTestbed) ? usualTestbed : basename(folder);
  return testbedDir(stateDir, name) === folder ? name : undefined;
}

/** What its containers and its network are called, up to the number of a host. */
export function hostPrefix(name: string): string {
  return name === usualTestbed ? "baleen-testbed" : `baleen-testbed-${name}`;
}

/** What removes a testbed, for people to type. */
export function downCommand(name: string): string {
  return `npx baleen testbed down${name === usualTestbed ? "" : ` --name ${name}`}`;
}

/** Where the hosts of a testbed may be reached; ranges of different numbers share no address or port. */
export interface AddressRange {
  /** Of addresses on Linux, their first three parts. */
  readonly prefix: string;
  /** Of ports where all share one address. */
  readonly firstPort: number;
}

export const mostRanges = 250;

export function addressRange(number: number): AddressRange {
  return { prefix: `127.0.${1 + number}`, firstPort: 2222 + mostHosts * number };
}

export type HostPlace = ReturnType<typeof placeHosts>[number];

/** The hosts' places, in order. */
export function placeHosts(count: number, name: string, addressing: Addressing) {
  return Array.from({ length: count }, (_, index) => {
    const host = `${name}-${index}`;
    const { address, sshPort } = addressing.at(index);
    const ranges = addressing.nodePorts ? nodePortRanges : [];
    return {
      /** Of the container, of the host in the network, and what people read: "baleen-testbed-0". */
      name: host,
      /** With the engine's data. */
      volume: `${host}-docker`,
      address,
      sshPort,
      /** Ports at that address, or some in a row, and what they are on the host itself. */
      published: [
        { firstPort: sshPort, lastPort: sshPort, firstHostPort: sshPortInside },
        ...ranges.map(([first, last]) => ({ firstPort: first, lastPort: last, firstHostPort: first })),
      ],
    };
  });
}

/** Every single port that the places take here. */
export function listEndpoints(places: readonly HostPlace[]): Endpoint[] {
  return places.flatMap(({ address, published }) =>
    published.flatMap(({ firstPort, lastPort }) =>
      Array.from({ length: lastPort - firstPort + 1 }, (_, step) => ({
        host: address,
        port: firstPort + step,
      })),
    ),
  );
}

/**
 * The id of the testbed that a state folder stands for. It follows from the path alone, so that what a killed
 * command has made is found by the next one, whatever it could write down.
 */
export function testbedId(stateDir: string): string {
  return createHash("sha256").update(stateDir).digest("hex").slice(0, 12);
}

/** A host that is up, and how it is reached. */
export interface TestHost extends Pick<HostPlace, "name" | "address" | "sshPort"> {
  readonly user: string;
  readonly keyFile: string;
  readonly hostKey: string;
  /** At which the other hosts reach it. */
  readonly privateAddress: string;
}

/** "ubuntu@127.0.1.1:22" */
export function formatAddress({
  user,
  address,
  sshPort,
}: Pick<TestHost, "user" | "address" | "sshPort">): string {
  return `${user}@${address}:${sshPort}`;
}

/** First line of every hosts file that a testbed writes, so that no other file is ever overwritten. */
export const hostsFileMark = "# Test hosts made by `baleen testbed up`.";

/** By which a hosts file says whose it is. */
export const removalLine = (testbed: string): string => `# Remove them: ${downCommand(testbed)}`;

/** Formats the file for `--hosts`. */
export function formatHostsFile(
  hosts: readonly TestHost[],
  options: { readonly knownHostsFile: string; readonly testbed: string } & Pick<Addressing, "nodePorts">,
): string {
  const way = options.nodePorts ? "" : " --rpc-via ssh";
  const few = hosts.length < 4 ? " --allow-no-faults" : "";
  const committee = hosts.length === 4 ? "" : ` --committee ${hosts.length}${few}`;
  return [
    hostsFileMark,
    `# Use them:    npx benchmark --network-type remote --hosts THIS_FILE${committee}${way}`,
    removalLine(options.testbed),
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
