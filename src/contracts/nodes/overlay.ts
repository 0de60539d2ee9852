/**
 * Interfaces of nodes for a network under test: one for each end of each edge, point-to-point, over the links of the plan.
 * What passes them (IPv4, IPv6, multicast, ARP) is shaped as the link between the two nodes is.
 */
import { type Of, record } from "../../core/documents/form.ts";
import { list, matching, text, whole } from "../../core/documents/form-values.ts";
import type { NodeName } from "./node.ts";

const address = text("An IPv4 address.");

const interfaceForm = record("One end of an edge, in the network namespace of its node.", {
  name: matching("link1: to the node at place 1.", /^link\d{1,5}$/, "link and a number"),
  peer: text("Name of the node at the other end."),
  address: text("Its IPv4 address, of a network of two (/31)."),
  peerAddress: text("That of the other end."),
  vni: whole("Number of the edge, the same at both ends.", { least: 1, most: 16_777_215 }),
});
export interface OverlayInterface extends Of<typeof interfaceForm> {}

export const overlayHostForm = record("The interfaces of a node.", {
  address: address.as(
    "Its own IPv4 address, on its loopback interface: where others reach it, whatever the way.",
  ),
  interfaces: list("One for each edge that ends at it.", interfaceForm),
});
export interface OverlayHost extends Of<typeof overlayHostForm> {}

export interface PlannedOverlay {
  /** Unordered pairs of nodes, each once. */
  readonly edges: readonly (readonly [NodeName, NodeName])[];
}

/** Bytes of the largest packet on such an interface, so that with its envelope it fits into one of the shaped network. */
export const overlayMtuBytes = 1400;

/** Kernel settings of its nodes, files below /proc/sys/net: they forward, and multicast and IPv6 pass. */
export const overlaySettings: readonly (readonly [file: string, value: string])[] = [
  ["ipv4/ip_forward", "1"],
  ["ipv4/conf/all/rp_filter", "0"],
  ["ipv4/conf/default/rp_filter", "0"],
  ["ipv6/conf/all/disable_ipv6", "0"],
  ["ipv6/conf/default/disable_ipv6", "0"],
  ["ipv6/conf/all/forwarding", "1"],
  // Nobody else can have the address; daemons that begin at once could not send from it for a second.
  ["ipv6/conf/all/accept_dad", "0"],
  ["ipv6/conf/default/accept_dad", "0"],
];
