/**
 * Interfaces of nodes for a network under test: one for each edge and end, point-to-point, over the links of the plan. What
 * passes them (IPv4, IPv6, multicast, ARP) is shaped as the link between the two nodes is.
 */
import type { NodeName } from "./node.ts";

/** What a plan asks for. */
export interface PlannedOverlay {
  /** Unordered pairs; each once. */
  readonly edges: readonly (readonly [NodeName, NodeName])[];
}

/** One end of an edge, in the network namespace of its node. */
export interface OverlayInterface {
  /** "link1": to the node at place 1. At most 15 characters. */
  readonly name: string;
  readonly peer: NodeName;
  /** IPv4 addresses of the two ends, of a network of two (/31). */
  readonly address: string;
  readonly peerAddress: string;
  /** Of both ends, 1 to 16,777,215. */
  readonly vni: number;
}

/** A node's place in the overlay. */
export interface OverlayHost {
  /** Its own IPv4 address, /32 on its loopback interface: where flows go, whatever way they take. */
  readonly address: string;
  readonly interfaces: readonly OverlayInterface[];
}

/** Bytes of a packet on an interface of the overlay, so that it fits into one of the shaped network. */
export const overlayMtuBytes = 1400;
