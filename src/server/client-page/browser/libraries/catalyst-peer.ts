/** @dcl/catalyst-peer, as of 1.0: what it exports is handed in, because the package is installed only for the page. */
import { families } from "../../../../contracts/peer-tests/packets.ts";
import type { MessageKind, Position } from "../routines/routine.ts";
import type { OpenedPeer, PacketTotals, PeerLibrary, PeerOptions } from "./peer-library.ts";

/** The part of the package that is used. */
export interface CatalystPeerPackage {
  readonly Peer: new (
    lighthouseUrl: string,
    peerId: string,
    onMessage: (from: string, room: string, payload: unknown, packet: { readonly subtype: string }) => void,
    config: object,
  ) => CatalystPeer;
  readonly PeerMessageTypes: Readonly<Record<"reliable" | "unreliable", (name: string) => object>>;
}

interface CatalystPeer {
  readonly knownPeers: Readonly<Record<string, unknown>>;
  readonly stats: {
    getStatsFor(family: string): { readonly totalPackets: number; readonly totalBytes: number } | undefined;
  };
  awaitConnectionEstablished(timeoutMs: number): Promise<void>;
  setPreferedIslandId(island: string): void;
  joinRoom(room: string): Promise<void>;
  sendMessage(room: string, payload: Uint8Array, type: object): Promise<void>;
  setPeerPosition(peerId: string, position: Position): void;
  fullyConnectedPeerIds(): string[];
  dispose(): Promise<void>;
}

const connectTimeoutMs = 30_000;

export function catalystPeer({ Peer, PeerMessageTypes }: CatalystPeerPackage): PeerLibrary {
  const typeOf = ({ name, isReliable }: MessageKind) =>
    PeerMessageTypes[isReliable ? "reliable" : "unreliable"](name);
  return {
    async openPeer({ peerId, lighthouseUrl, iceServers, position, onMessage }: PeerOptions) {
      const receive = (from: string, _room: string, payload: unknown, packet: { subtype: string }) => {
        if (payload instanceof Uint8Array) onMessage({ from, kind: packet.subtype, payload });
      };
      const peer = new Peer(lighthouseUrl, peerId, receive, {
        connectionConfig: { iceServers: iceServers.map((urls) => ({ urls })) },
        positionConfig: { selfPosition: position },
        logLevel: "NONE",
      });
      await peer.awaitConnectionEstablished(connectTimeoutMs);
      return opened(peer, peerId, typeOf);
    },
  };
}

function opened(peer: CatalystPeer, id: string, typeOf: (kind: MessageKind) => object): OpenedPeer {
  return {
    id,
    // The package lost its layers before its first release on npm: islands, which the lighthouse assigns, came instead.
    join(layer, room) {
      peer.setPreferedIslandId(layer);
      return peer.joinRoom(room);
    },
    send: (room, kind, payload) => peer.sendMessage(room, payload, typeOf(kind)),
    keepPosition: (peerId, position) => peer.setPeerPosition(peerId, position),
    totals() {
      const totals = families.map((family) => {
        const stats = peer.stats.getStatsFor(family);
        return [family, { packets: stats?.totalPackets ?? 0, bytes: stats?.totalBytes ?? 0 }] as const;
      });
      return Object.fromEntries(totals) as PacketTotals;
    },
    connectedPeers: () => peer.fullyConnectedPeerIds(),
    knownPeersCount: () => Object.keys(peer.knownPeers).length,
    close: () => peer.dispose(),
  };
}
