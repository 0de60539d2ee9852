import type { HostRequest } from "../../contracts/hosts/host.ts";
import type { RemoteParameters } from "../../contracts/parameters.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { hostRules, type NodeClaim, nodeClaim } from "../rules/host.ts";
import type { Reader } from "../rules/rule.ts";
import type { DescribedHost, DescribedHosts } from "./description.ts";
import { joinHosts, type ReadHost, refuseShared } from "./join.ts";

interface HostOptions {
  readonly home: string;
  /** undefined: every host stands for itself, and nodes are numbered as there is room. */
  readonly committee: number | undefined;
}

/**
 * Checks the hosts that were described, joins those that are one machine, and gives each its nodes: those it
 * names, then the rest in order, one for each host, then a second one, and so on.
 *
 * @returns in the order in which they were described; none is to be used where there are diagnostics
 */
export function checkHosts(
  described: DescribedHosts,
  { home, committee }: HostOptions,
  reader: Reader,
): Pick<RemoteParameters, "hosts" | "clientHosts"> {
  const read = (host: DescribedHost) => readHost(host, home, reader);
  const joined = joinHosts(described.hosts.map(read), reader.diagnostics);
  const hosts = placeNodes(joined, { committee, described }, reader.diagnostics);
  const clients = described.clients.map(read);
  refuseShared(clients, joined, reader.diagnostics);
  return { hosts, clientHosts: clients.map(({ host }) => host) };
}

function readHost({ place, fallbackName, fields }: DescribedHost, home: string, { read }: Reader): ReadHost {
  const claim: NodeClaim = read(nodeClaim, fields.nodes, { slots: 1 });
  return {
    place,
    named: fields.name !== undefined,
    slots: "slots" in claim ? claim.slots : 0,
    host: {
      name: read(hostRules.name, fields.name, fallbackName),
      address: read(hostRules.address, fields.address, ""),
      port: read(hostRules.port, fields.port, undefined),
      user: read(hostRules.user, fields.user, undefined),
      keyFile: read(hostRules.keyFile, fields.keyFile, undefined)?.replace(/^~(?=\/)/, () => home),
      jump: read(hostRules.jump, fields.jump, undefined),
      privateAddress: read(hostRules.address, fields.privateAddress, undefined),
      region: read(hostRules.region, fields.region, undefined),
      nodes: "numbers" in claim ? claim.numbers : [],
    },
  };
}

/** The hosts with all their nodes, ascending. */
function placeNodes(
  entries: readonly ReadHost[],
  { committee, described }: Pick<HostOptions, "committee"> & { readonly described: DescribedHosts },
  diagnostics: Diagnostic[],
): readonly HostRequest[] {
  const holders = new Map<number, string>();
  const nodes = entries.map(({ place, host }) =>
    host.nodes.filter((number) => {
      const holder = holders.get(number);
      if (holder !== undefined) {
        const message = `${place}: node ${number} is also at ${holder}. Assign it to one host.`;
        diagnostics.push({ code: "node-twice", message });
      }
      holders.set(number, place);
      return holder === undefined && number < (committee ?? Infinity);
    }),
  );
  const room = entries.reduce((sum, { slots, host }) => sum + slots + host.nodes.length, 0);
  const limit = committee ?? Math.max(room, ...[...holders.keys()].map((number) => number + 1));
  const open = Array.from({ length: limit }, (_, number) => number).filter((number) => !holders.has(number));
  const mostSlots = Math.max(0, ...entries.map(({ slots }) => slots));
  for (let round = 0; round < mostSlots; round += 1) {
    for (const [index, { slots }] of entries.entries()) {
      const next = round < slots ? open.shift() : undefined;
      if (next !== undefined) nodes[index]?.push(next);
    }
  }
  if (committee !== undefined && open.length > 0 && described.readable)
    diagnostics.push(lacking(committee, open, described));
  return entries.map(({ host }, index) => ({ ...host, nodes: nodes[index]?.sort((a, b) => a - b) ?? [] }));
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
    return { code, message: `A committee of ${committee} needs hosts, and there are none. ${remedy}` };
  }
  const subject = `A committee of ${committee} needs a place for each node, and ${which} none`;
  const remedy = numbered
    ? `Set ${shown} (a host may run several nodes), or use a smaller --committee.`
    : "Add hosts, assign more nodes to a host (nodes: 2), or use a smaller --committee.";
  return { code, message: `${subject}. ${remedy}` };
}

function listShort(numbers: readonly number[]): string {
  return numbers.length > 8
    ? `${numbers.slice(0, 8).join(", ")} and ${numbers.length - 8} more`
    : numbers.join(", ");
}
