/** Checks that the forms of commands cannot express. */
import { isIPv4 } from "node:net";
import type { LinkShape } from "../contracts/links/shape.ts";
import type { KernelMechanism, OpenCommand, ShaperChange, ShaperPlace } from "../contracts/links/shaper.ts";
import type { Network, Pair } from "./network.ts";

export function openDiagnostics({ places, links, segment }: OpenCommand): string[] {
  const names = new Set(places.map(({ name }) => name));
  const doubled = places.filter(({ name }, at) => places.findIndex((place) => place.name === name) !== at);
  return [
    ...doubled.map(({ name }) => `Node ${name} is given twice. Give each node its own name.`),
    ...placesDiagnostics(places),
    ...addressDiagnostics("Segment", segment?.machines ?? []),
    ...linksDiagnostics(links, names),
  ];
}

/** Nodes that start later than others are new. */
export function attachDiagnostics(places: readonly ShaperPlace[], network: Network): string[] {
  const attached = new Set(places.map(({ name }) => name));
  return placesDiagnostics([...network.places.filter(({ name }) => !attached.has(name)), ...places]);
}

export const setDiagnostics = (links: readonly ShaperChange[], network: Network): string[] =>
  linksDiagnostics(links, new Set(network.places.map(({ name }) => name)));

/** Probes go from nodes of this machine to nodes that can be reached. */
export function probeDiagnostics(pairs: readonly Pair[], network: Network): string[] {
  const found = linksDiagnostics(pairs, new Set(network.places.map(({ name }) => name)));
  if (found.length > 0) return found;
  return [...new Set(pairs.flatMap((pair) => whyUnprobed(pair, network)))];
}

export function whyUnprobed({ from, to }: Pair, network: Network): string[] {
  const [sender, receiver] = [network.place(from), network.place(to)];
  const found: string[] = [];
  if (sender?.namespacePath === undefined) {
    found.push(`Node ${from} is not on this machine. Ask the shaper of its machine for this probe.`);
  } else if (sender.probePort === undefined) {
    found.push(`Node ${from} has no port for probes. Give it a probe_port.`);
  }
  const isHere = receiver?.namespacePath !== undefined;
  if (isHere && receiver?.probePort === undefined) {
    found.push(`Node ${to} has no port for probes. Give it a probe_port.`);
  }
  if (!isHere && receiver?.probeAddress === undefined) {
    found.push(`Node ${to} is elsewhere and has no address for probes. Give it a probe_address.`);
  }
  return found;
}

/** Requests that are beyond the mechanism. */
export function mechanismDiagnostics(
  mechanism: KernelMechanism,
  { links, others, network }: Pick<OpenCommand, "links" | "others"> & { readonly network: Network },
): string[] {
  if (mechanism === "netem") {
    return others === undefined
      ? []
      : ["netem cannot shape traffic of clients. Use nfqueue, or leave out the shape of clients."];
  }
  const shaped = links.filter(({ to }) => network.place(to)?.namespacePath !== undefined);
  const all: readonly [string, LinkShape][] = [
    ...shaped.map((link): [string, LinkShape] => [`Link ${link.from} to ${link.to}`, link]),
    ...(others === undefined ? [] : [["Clients", others] as [string, LinkShape]]),
  ];
  return all.flatMap(([name, { duplicateRatio, corruptRatio }]) => {
    const asked = [...(duplicateRatio > 0 ? ["duplicate"] : []), ...(corruptRatio > 0 ? ["corrupt"] : [])];
    if (asked.length === 0) return [];
    return [`${name}: nfqueue cannot ${asked.join(" or ")} packets. Use netem, or leave it out.`];
  });
}

/** Several nodes may have an address in common, where they are behind it; their links are to have one shape then. */
function placesDiagnostics(places: readonly ShaperPlace[]): string[] {
  return places.flatMap(({ name, addresses, probeAddress }) =>
    addressDiagnostics(`Node ${name}`, [
      ...addresses,
      ...(probeAddress === undefined ? [] : [probeAddress.host]),
    ]),
  );
}

const addressDiagnostics = (whose: string, addresses: readonly string[]) =>
  addresses
    .filter((address) => !isIPv4(address))
    .map((address) => `${whose}: ${address} is not an IPv4 address such as 10.0.0.1.`);

function linksDiagnostics(links: readonly Pair[], names: ReadonlySet<string>): string[] {
  const unknown = new Set(links.flatMap(({ from, to }) => [from, to]).filter((name) => !names.has(name)));
  const loops = links.filter(({ from, to }) => from === to);
  return [
    ...[...unknown].map(unknownNode),
    ...loops.map(({ from }) => `Link ${from} to ${from}: a node has no link to itself. Name two nodes.`),
  ];
}

const unknownNode = (name: string) => `There is no node ${name}. Name a node of the places.`;
