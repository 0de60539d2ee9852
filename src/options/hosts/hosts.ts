import type { HostRequest } from "../../contracts/hosts/host.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { hostRules, type NodeClaim, nodeClaim } from "../rules/host.ts";
import type { Reader } from "../rules/rule.ts";
import type { DescribedHost, DescribedHosts } from "./description.ts";
import { type CheckedHost, joinHosts, refuseShared } from "./join.ts";

export interface HostOptions {
  readonly home: string;
  /** undefined: every host stands for itself, and nodes are numbered as there is room. */
  readonly committee: number | undefined;
}

/** In the order in which they were described; none is to be used where there are diagnostics. */
export interface CheckedHosts {
  readonly hosts: readonly HostRequest[];
  /** For clients alone. */
  readonly clientHosts: readonly HostRequest[];
}

/**
 * Checks the hosts that were described, joins those that are one machine, and gives each its nodes: those it
 * names, then the rest in order, one for each host, then a second one, and so on.
 */
export function checkHosts(described: DescribedHosts, options: HostOptions, reader: Reader): CheckedHosts {
  const checked = described.hosts.map((host) => checkHost(host, options.home, reader));
  const joined = joinHosts(checked, reader.diagnostics);
  const nodes = placeNodes(joined, { committee: options.committee, described }, reader.diagnostics);
  const clients = described.clients.map((host) => checkHost(host, options.home, reader));
  refuseShared(clients, joined, reader.diagnostics);
  return {
    hosts: joined.map((host, index) => ({ ...requestOf(host), nodes: nodes[index] ?? [] })),
    clientHosts: clients.map((host) => ({ ...requestOf(host), nodes: [] })),
  };
}

function requestOf({ place, named, numbers, slots, ...host }: CheckedHost): Omit<HostRequest, "nodes"> {
  return host;
}

function checkHost(
  { place, fallbackName, fields }: DescribedHost,
  home: string,
  { read }: Reader,
): CheckedHost {
  const claim: NodeClaim = read(nodeClaim, fields.nodes, { slots: 1 });
  return {
    place,
    named: fields.name !== undefined,
    name: read(hostRules.name, fields.name, fallbackName),
    address: read(hostRules.address, fields.address, ""),
    port: read(hostRules.port, fields.port, undefined),
    user: read(hostRules.user, fields.user, undefined),
    keyFile: read(hostRules.keyFile, fields.keyFile, undefined)?.replace(/^~(?=\/)/, () => home),
    jump: read(hostRules.jump, fields.jump, undefined),
    privateAddress: read(hostRules.address, fields.privateAddress, undefined),
    region: read(hostRules.region, fields.region, undefined),
    numbers: "numbers" in claim ? claim.numbers : [],
    slots: "slots" in claim ? claim.slots : 0,
  };
}

interface Placing {
  readonly committee: number | undefined;
  readonly described: DescribedHosts;
}

/** The nodes of each host, ascending. */
function placeNodes(
  hosts: readonly CheckedHost[],
  { committee, described }: Placing,
  diagnostics: Diagnostic[],
): readonly (readonly number[])[] {
  const holders = new Map<number, CheckedHost>();
  const nodes = hosts.map((): number[] => []);
  for (const [index, host] of hosts.entries()) {
    for (const number of host.numbers) {
      const holder = holders.get(number);
      if (holder !== undefined) {
        const message = `${host.place}: node ${number} stands at ${holder.place} too. Give it to one of them.`;
        diagnostics.push({ code: "node-twice", message });
      } else if (number < (committee ?? Infinity)) nodes[index]?.push(number);
      holders.set(number, host);
    }
  }
  const room = hosts.reduce((sum, { slots, numbers }) => sum + slots + numbers.length, 0);
  const limit = committee ?? Math.max(room, ...[...holders.keys()].map((number) => number + 1));
  const open = Array.from({ length: limit }, (_, number) => number).filter((number) => !holders.has(number));
  const mostSlots = Math.max(0, ...hosts.map(({ slots }) => slots));
  for (let round = 0; round < mostSlots; round += 1) {
    for (const [index, { slots }] of hosts.entries()) {
      const next = round < slots ? open.shift() : undefined;
      if (next !== undefined) nodes[index]?.push(next);
    }
  }
  if (committee !== undefined && open.length > 0 && described.readable)
    diagnostics.push(lacking(committee, open, described));
  return nodes.map((numbers) => numbers.sort((a, b) => a - b));
}

function lacking(
  committee: number,
  open: readonly number[],
  { hosts, numbered }: DescribedHosts,
): Diagnostic {
  const code = "too-few-hosts";
  const names = open.map((number) => `MYSTICETI_NODE${number}_HOST`);
  const shown = names.length > 3 ? `${names[0]} to ${names.at(-1)}` : names.join(" and ");
  const which = open.length === 1 ? `node ${open[0]} has` : `nodes ${listShort(open)} have`;
  if (hosts.length === 0) {
    const remedy = `Name them in a file (--hosts FILE; hosts.example.env shows every key), or set ${shown}.`;
    return { code, message: `A committee of ${committee} needs hosts, and none is given. ${remedy}` };
  }
  const subject = `A committee of ${committee} needs a place for each node, and ${which} none`;
  const remedy = numbered
    ? `Set ${shown} (a host may hold several nodes), or give a smaller --committee.`
    : "Give more hosts, or more nodes to a host (nodes: 2), or a smaller --committee.";
  return { code, message: `${subject}. ${remedy}` };
}

function listShort(numbers: readonly number[]): string {
  return numbers.length > 8
    ? `${numbers.slice(0, 8).join(", ")} and ${numbers.length - 8} more`
    : numbers.join(", ");
}
