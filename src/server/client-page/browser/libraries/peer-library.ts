/** What a peer library must do to be measured: any that does it can take the place of another. */
import type { PacketFamily } from "../../../../contracts/peer-tests/packets.ts";
import type { MessageKind, Position } from "../routines/routine.ts";

export interface PacketTotal {
  readonly packets: number;
  readonly bytes: number;
}

/** Since the peer was opened, each as the library itself counts it. */
export type PacketTotals = Readonly<Record<PacketFamily, PacketTotal>>;

export interface PeerOptions {
  readonly peerId: string;
  readonly lighthouseUrl: string;
  /** URLs of STUN and TURN servers. */
  readonly iceServers: readonly string[];
  /** Where the peer is now. */
  readonly position: () => Position;
  readonly onMessage: (message: ReceivedMessage) => void;
}

export interface ReceivedMessage {
  readonly from: string;
  /** Name of its kind. */
  readonly kind: string;
  readonly payload: Uint8Array;
}

/** A peer that the lighthouse has accepted. */
export interface OpenedPeer {
  readonly id: string;
  /** Joins a room of a layer; only peers of one layer connect to each other. */
  join(layer: string, room: string): Promise<void>;
  /** Sends to all peers of the room; how it reaches them is the library's affair. */
  send(room: string, kind: MessageKind, payload: Uint8Array): Promise<void>;
  /** What another peer said of its place: near peers are better to connect to. */
  keepPosition(peerId: string, position: Position): void;
  totals(): PacketTotals;
  connectedPeers(): readonly string[];
  knownPeersCount(): number;
  close(): Promise<void>;
}

/** What the module of a library exports as `peerLibrary`. */
export interface PeerLibrary {
  /** @throws Error where the lighthouse does not accept the peer */
  openPeer(options: PeerOptions): Promise<OpenedPeer>;
}
