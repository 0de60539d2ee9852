import type { HostRequest } from "../../contracts/hosts/host.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { canonicalAddress } from "../rules/host.ts";

/** A described host whose fields were checked; a faulty address is "". */
export interface CheckedHost extends Omit<HostRequest, "nodes"> {
  /** For diagnostics. */
  readonly place: string;
  /** Its name was given. */
  readonly named: boolean;
  /** Nodes that must run here … */
  readonly numbers: readonly number[];
  /** … and how many more may. */
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

const portOf = ({ port }: CheckedHost) => port ?? 22;
const peerAddressOf = ({ privateAddress, address }: CheckedHost) =>
  canonicalAddress(privateAddress ?? address);

/**
 * Entries with one address and SSH port are one machine with the nodes of all of them. Every other two must
 * differ in the address at which validators reach them, and in their names.
 */
export function joinHosts(hosts: readonly CheckedHost[], diagnostics: Diagnostic[]): readonly CheckedHost[] {
  const joined: CheckedHost[] = [];
  for (const host of hosts) {
    const index = joined.findIndex((other) => isSameMachine(host, other));
    const same = joined[index];
    if (same === undefined) joined.push(host);
    else joined[index] = join(same, host, diagnostics);
  }
  for (const [index, host] of joined.entries()) {
    const before = joined.slice(0, index);
    const namesake = before.find(({ name }) => name === host.name);
    if (namesake !== undefined) {
      const message = `${host.place}: its name ${host.name} is that of ${namesake.place} too. Give each host one of its own.`;
      diagnostics.push({ code: "host-twice", message });
    }
    const neighbour = before.find(
      (other) => host.address !== "" && peerAddressOf(other) === peerAddressOf(host),
    );
    if (neighbour !== undefined) diagnostics.push(clash(host, neighbour));
  }
  return joined;
}

/** Each machine for clients is one of its own, and so is its name. */
export function refuseShared(
  clients: readonly CheckedHost[],
  hosts: readonly CheckedHost[],
  diagnostics: Diagnostic[],
): void {
  for (const [index, client] of clients.entries()) {
    const others = [...hosts, ...clients.slice(0, index)];
    const same = others.find((other) => isSameMachine(client, other));
    const namesake = others.find(({ name }) => name === client.name);
    if (same !== undefined) {
      const remedy = hosts.includes(same)
        ? "Give clients a machine of their own, or let them run beside the nodes: --client-placement colocated."
        : "Name each machine once.";
      const message = `${client.place}: ${client.address} port ${portOf(client)} stands at ${same.place} too. ${remedy}`;
      diagnostics.push({ code: "host-twice", message });
    } else if (namesake !== undefined) {
      const message = `${client.place}: its name ${client.name} is that of ${namesake.place} too. Give each host one of its own.`;
      diagnostics.push({ code: "host-twice", message });
    }
  }
}

function isSameMachine(a: CheckedHost, b: CheckedHost): boolean {
  if (a.address === "" || b.address === "") return false;
  return canonicalAddress(a.address) === canonicalAddress(b.address) && portOf(a) === portOf(b);
}

function join(first: CheckedHost, second: CheckedHost, diagnostics: Diagnostic[]): CheckedHost {
  const fields = Object.keys(agreeing) as (keyof typeof agreeing)[];
  const differing: string[] = fields
    .filter((field) => first[field] !== undefined && second[field] !== undefined)
    .filter((field) => first[field] !== second[field])
    .map((field) => agreeing[field]);
  if (first.named && second.named && first.name !== second.name) differing.push("names");
  if (differing.length > 0) {
    const message = `${second.place}: ${first.address} port ${portOf(first)} stands at ${first.place} too, with other ${differing.join(", ")}. Give both the same where they are one machine, else each its own address.`;
    diagnostics.push({ code: "host-twice", message });
  }
  const [named, other] = second.named && !first.named ? [second, first] : [first, second];
  return {
    ...first,
    name: named.name,
    named: named.named || other.named,
    port: first.port ?? second.port,
    user: first.user ?? second.user,
    keyFile: first.keyFile ?? second.keyFile,
    jump: first.jump ?? second.jump,
    privateAddress: first.privateAddress ?? second.privateAddress,
    region: first.region ?? second.region,
    numbers: [...first.numbers, ...second.numbers],
    slots: first.slots + second.slots,
  };
}

/** Two machines at which the nodes' ports would meet. */
function clash(host: CheckedHost, other: CheckedHost): Diagnostic {
  const code = "host-twice";
  if (canonicalAddress(host.address) !== canonicalAddress(other.address)) {
    const message = `${host.place}: validators would reach it at the address of ${other.place}. Give each host a private address of its own.`;
    return { code, message };
  }
  const ports = `port ${portOf(host)} instead of ${portOf(other)}`;
  const message = `${host.place}: ${host.address} stands at ${other.place} too, with SSH ${ports}, so that the ports of their nodes would clash. Give both the same SSH port where they are one machine, else each a private address of its own.`;
  return { code, message };
}
