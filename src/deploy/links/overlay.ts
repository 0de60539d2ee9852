/** Addresses and names of the interfaces of an overlay. Pure. */
import type { PlannedLinks } from "../../contracts/links/shaping.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { OverlayHost, OverlayInterface } from "../../contracts/nodes/overlay.ts";
import { type Diagnostic, InvalidArgumentError } from "../../core/errors.ts";

/** 198.18.0.0/15 is for benchmarks (RFC 2544): no network that is in use has it. */
const hostAddress = (place: number) => `198.18.${(place + 1) >> 8}.${(place + 1) & 255}`;
/** Of a node on a host, below its links: `overlayHosts` uses none of these. */
const segmentAddress = (place: number) => `198.18.${128 + ((place + 1) >> 8)}.${(place + 1) & 255}`;
const edgeAddress = (edge: number, side: 0 | 1) => `198.19.${(2 * edge) >> 8}.${((2 * edge) & 255) + side}`;

/** Of the nodes of a network, those that are in the overlay; empty where there is none. */
export function overlayHosts({ matrix, overlay }: PlannedLinks): ReadonlyMap<NodeName, OverlayHost> {
  if (overlay === undefined) return new Map();
  const placeOf = new Map(matrix.nodes.map(({ name }, place) => [name, place]));
  const ends = new Map<NodeName, OverlayInterface[]>();
  for (const [edge, pair] of overlay.edges.entries()) {
    for (const side of [0, 1] as const) {
      const [own, peer] = side === 0 ? pair : [pair[1], pair[0]];
      const one = {
        name: `link${placeOf.get(peer)}`,
        peer,
        address: edgeAddress(edge, side),
        peerAddress: edgeAddress(edge, side === 0 ? 1 : 0),
        vni: edge + 1,
      };
      ends.set(own, [...(ends.get(own) ?? []), one]);
    }
  }
  const hosts = matrix.nodes.flatMap(({ name, isApart }, place) =>
    isApart ? [] : [[name, { address: hostAddress(place), interfaces: ends.get(name) ?? [] }] as const],
  );
  return new Map(hosts);
}

/** Where nodes on several hosts reach each other below their links. */
export const segmentAddresses = ({ matrix }: PlannedLinks): ReadonlyMap<NodeName, string> =>
  new Map(matrix.nodes.map(({ name }, place) => [name, segmentAddress(place)]));

/** Finds the interfaces of a node, for its configuration; undefined if the plan has no overlay. */
export function overlayView(links: PlannedLinks | undefined): ((node: NodeName) => OverlayHost) | undefined {
  if (links?.overlay === undefined) return undefined;
  const hosts = overlayHosts(links);
  return (node) => {
    const host = hosts.get(node);
    if (host === undefined)
      throw new InvalidArgumentError(`${node} has no interfaces for a network under test.`);
    return host;
  };
}

/** What keeps an overlay from being made. @param obstacle why nodes cannot have interfaces, and the remedy */
export function checkOverlay({ overlay, matrix }: PlannedLinks, obstacle?: string): Diagnostic[] {
  if (overlay === undefined) return [];
  const messages = [
    ...(obstacle === undefined
      ? []
      : [`a network under test needs interfaces for its links, but ${obstacle}.`]),
    ...(matrix.clients === undefined
      ? []
      : ["a network under test has no clients to shape. Remove clients from the links."]),
  ];
  return messages.map((message) => ({ code: "links", message: `links: ${message}` }));
}
