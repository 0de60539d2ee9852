import type { HostRequest } from "../../contracts/hosts/host.ts";
import type { RemoteParameters } from "../../contracts/parameters.ts";
import { present } from "../../core/documents/numbers.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { defaultRemote } from "../defaults.ts";
import { canonicalAddress } from "../rules/host.ts";

/** A described host that was read, with what else is asked where all of them are compared. */
export interface ReadHost {
  /** Its nodes are those that must run there; a faulty address is "". */
  readonly host: HostRequest;
  /** For diagnostics. */
  readonly place: string;
  /** Its name was given. */
  readonly named: boolean;
  /** How many more nodes may run there. */
  readonly slots: number;
}

/** Two entries of one machine may leave these out, but must not differ in them. */
const agreeing = {
  user: "users",
  keyFile: "keys",
  jump: "jump hosts",
  privateAddress: "private addresses",
  region: "regions",
} as const;

const portOf = ({ port }: HostRequest) => port ?? 22;
const peerAddressOf = ({ privateAddress, address }: HostRequest) =>
  canonicalAddress(privateAddress ?? address);

/**
 * Entries with one address and SSH port are one machine with the nodes of all of them. Every other two must
 * differ in the address at which validators reach them, and in their names.
 */
export function joinHosts(entries: readonly ReadHost[], diagnostics: Diagnostic[]): readonly ReadHost[] {
  const joined: ReadHost[] = [];
  for (const entry of entries) {
    const index = joined.findIndex((other) => isSameMachine(entry, other));
    const same = joined[index];
    if (same === undefined) joined.push(entry);
    else joined[index] = join(same, entry, diagnostics);
  }
  for (const [index, entry] of joined.entries()) {
    const before = joined.slice(0, index);
    const namesake = findNamesake(entry, before);
    if (namesake !== undefined) diagnostics.push(namesake);
    const neighbour = before.find(
      ({ host }) => entry.host.address !== "" && peerAddressOf(host) === peerAddressOf(entry.host),
    );
    if (neighbour !== undefined) diagnostics.push(clash(entry, neighbour));
  }
  return joined;
}

/** Each machine for clients is one of its own, and so is its name. */
export function refuseShared(
  clients: readonly ReadHost[],
  hosts: readonly ReadHost[],
  diagnostics: Diagnostic[],
): void {
  for (const [index, client] of clients.entries()) {
    const others = [...hosts, ...clients.slice(0, index)];
    const same = others.find((other) => isSameMachine(client, other));
    const namesake = findNamesake(client, others);
    if (same !== undefined) {
      const remedy = hosts.includes(same)
        ? "Use another machine for clients, or run them beside the nodes: --client-placement colocated."
        : "Name each machine once.";
      diagnostics.push(refuseTwice(client, `${nameMachine(client)} is also at ${same.place}. ${remedy}`));
    } else if (namesake !== undefined) diagnostics.push(namesake);
  }
}

const refuseTwice = ({ place }: ReadHost, why: string): Diagnostic => ({
  code: "host-twice",
  message: `${place}: ${why}`,
});

const nameMachine = ({ host }: ReadHost) => `${host.address} port ${portOf(host)}`;

function findNamesake(entry: ReadHost, others: readonly ReadHost[]): Diagnostic | undefined {
  const { name } = entry.host;
  const other = others.find(({ host }) => host.name === name);
  const why = `its name ${name} is also the name of ${other?.place}. Use different names.`;
  return other && refuseTwice(entry, why);
}

function isSameMachine({ host: a }: ReadHost, { host: b }: ReadHost): boolean {
  if (a.address === "" || b.address === "") return false;
  return canonicalAddress(a.address) === canonicalAddress(b.address) && portOf(a) === portOf(b);
}

function join(first: ReadHost, second: ReadHost, diagnostics: Diagnostic[]): ReadHost {
  const [a, b] = [first.host, second.host];
  const fields = Object.keys(agreeing) as (keyof typeof agreeing)[];
  const differing: string[] = fields
    .filter((field) => a[field] !== undefined && b[field] !== undefined && a[field] !== b[field])
    .map((field) => agreeing[field]);
  if (first.named && second.named && a.name !== b.name) differing.push("names");
  if (differing.length > 0) {
    const why = `${nameMachine(first)} is also at ${first.place}, with different ${differing.join(", ")}. If they are one machine, use the same values; otherwise different addresses.`;
    diagnostics.push(refuseTwice(second, why));
  }
  return {
    place: first.place,
    named: first.named || second.named,
    slots: first.slots + second.slots,
    host: {
      ...present(b),
      ...present(a),
      name: second.named && !first.named ? b.name : a.name,
      nodes: [...a.nodes, ...b.nodes],
    },
  };
}

/** Two machines at which the nodes' ports would meet. */
function clash(entry: ReadHost, other: ReadHost): Diagnostic {
  const { address } = entry.host;
  if (canonicalAddress(address) !== canonicalAddress(other.host.address)) {
    const why = `validators would reach it at the address of ${other.place}. Use a different private address for each host.`;
    return refuseTwice(entry, why);
  }
  const ports = `port ${portOf(entry.host)} instead of ${portOf(other.host)}`;
  const why = `${address} is also at ${other.place}, with SSH ${ports}, so the ports of their nodes would clash. If they are one machine, use the same SSH port; otherwise different private addresses.`;
  return refuseTwice(entry, why);
}

/** Flags that lead another command to the same hosts, as far as the environment does not. */
export function listHostFlags(remote: RemoteParameters): string[] {
  const { hostsFile, hostsFlag = "--hosts", knownHostsFile, hostKeyPolicy } = remote;
  return [
    ...(hostsFile === undefined ? [] : [hostsFlag, hostsFile]),
    ...(knownHostsFile === undefined ? [] : ["--known-hosts", knownHostsFile]),
    ...(hostKeyPolicy === defaultRemote.hostKeyPolicy ? [] : ["--host-key-policy", hostKeyPolicy]),
  ];
}
