/** What the program of a host reads from its home. Plain JSON. */
import type { FlowKind } from "../../contracts/load/flow-events.ts";
import type { Address } from "../config.ts";

/** One end of a flow. */
export interface FlowEnd {
  readonly name: string;
  readonly kind: FlowKind;
  readonly role: "sender" | "receiver";
  /** Address of the receiver in the network under test. */
  readonly to: Address;
  readonly reflects: boolean;
  /** Packets, messages or pictures per second; absent: as many as go through. */
  readonly perSec?: number | undefined;
  /** Payload of each, bytes. */
  readonly sizeBytes: number;
  /** Program of the user at this end, and its arguments; absent for flows of ours. */
  readonly argv?: readonly [string, ...string[]] | undefined;
}

/** A process of the network under test. */
export interface Daemon {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
}

/** How the network's own view is read. */
export type ViewSource =
  /** The local interface of babeld, at this port of [::1]. */
  | { readonly from: "babel"; readonly port: number }
  /** The control socket of BIRD. */
  | { readonly from: "bird"; readonly socket: string }
  /** The kernel's routes: those of a network that has no daemon. */
  | { readonly from: "routes" };

/** Of the head of each packet of ours. */
export const headBytes = 18;
/** Payload of the largest datagram that passes an interface of the overlay in one piece. */
export const largestDatagramBytes = 1300;

/** host.json */
export interface HostConfigFile {
  readonly name: string;
  readonly rpc: Address;
  /** SHA-256 of what all hosts do alike. */
  readonly planHash: string;
  /** Of this host in the network under test. */
  readonly address: string;
  /** Interfaces to other hosts, by name. */
  readonly interfaces: Readonly<Record<string, { readonly peer: string; readonly address: string }>>;
  /** Addresses of all hosts, by name. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Commands that run once, in order, before the daemons. */
  readonly setUp: readonly (readonly [string, ...string[]])[];
  readonly daemons: readonly Daemon[];
  readonly view?: ViewSource | undefined;
  readonly flows: readonly FlowEnd[];
  /** Names of interfaces whose packets are kept. */
  readonly captures: readonly string[];
}

export const hostConfigFile = "host.json";
