/** What peers and lighthouse send each other over a WebSocket, as JSON. Pure. */

/** x, y and z in metres. */
export type Position = readonly [number, number, number];

export interface Heartbeat {
  readonly type: "HEARTBEAT";
  readonly connectedPeerIds: readonly string[];
  readonly position?: Position | undefined;
  /** The island that the peer asks for: here, the layer that it is in. undefined: as before. */
  readonly layer?: string | undefined;
}

/** For another peer; the lighthouse passes it on with the sender's id. */
export interface Signal {
  readonly type: "OFFER" | "ANSWER" | "CANDIDATE" | "REJECT";
  readonly to: string;
  readonly payload: unknown;
}

export type PeerMessage = Heartbeat | Signal | { readonly type: "VALIDATION" };

/** Characters that the peer library has in ids. */
const peerId = /^[\w\-!#$&/()<>{}[\]+*=,.;:|~]{1,64}$/;
const token = /^[\w-]{1,128}$/;
const layer = /^[\w.-]{1,64}$/;

export const isPeerId = (text: unknown): text is string => typeof text === "string" && peerId.test(text);
export const isToken = (text: unknown): text is string => typeof text === "string" && token.test(text);

const signals: ReadonlySet<unknown> = new Set<Signal["type"]>(["OFFER", "ANSWER", "CANDIDATE", "REJECT"]);

/** @returns undefined for anything that is no message of a peer; it is ignored */
export function parsePeerMessage(text: string, limits: { connectedPeers: number }): PeerMessage | undefined {
  const { type, dst, payload } = asRecord(parseJson(text));
  if (type === "VALIDATION") return { type };
  if (type === "HEARTBEAT") return readHeartbeat(asRecord(payload), limits.connectedPeers);
  if (!signals.has(type) || !isPeerId(dst)) return undefined;
  return { type: type as Signal["type"], to: dst, payload };
}

function readHeartbeat(payload: Readonly<Record<string, unknown>>, mostPeers: number): Heartbeat {
  const { connectedPeerIds, position, preferedIslandId } = payload;
  const ids = Array.isArray(connectedPeerIds) ? connectedPeerIds.filter(isPeerId).slice(0, mostPeers) : [];
  return {
    type: "HEARTBEAT",
    connectedPeerIds: ids,
    position: isPosition(position) ? position : undefined,
    layer:
      typeof preferedIslandId === "string" && layer.test(preferedIslandId) ? preferedIslandId : undefined,
  };
}

const isPosition = (value: unknown): value is Position =>
  Array.isArray(value) && value.length === 3 && value.every((part) => Number.isFinite(part));

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

export interface PlacedPeer {
  readonly id: string;
  readonly position: Position;
}

/** From the lighthouse to a peer. */
export type LighthouseMessage =
  | { readonly type: "ASSIGNED_ID"; readonly payload: { readonly id: string } }
  | { readonly type: "OPEN"; readonly payload: string }
  | { readonly type: "VALIDATION_OK" }
  | { readonly type: "ID-TAKEN" | "ERROR"; readonly payload: { readonly msg: string } }
  | { readonly type: Signal["type"]; readonly src: string; readonly dst: string; readonly payload: unknown }
  | IslandNotice;

/** A peer is in another island, with all that are in it; or one came to its island, or left it. */
export type IslandNotice = { readonly src: string; readonly dst: string } & (
  | {
      readonly type: "CHANGE_ISLAND";
      readonly payload: { readonly islandId: string; readonly peers: readonly PlacedPeer[] };
    }
  | {
      readonly type: "PEER_JOINED_ISLAND" | "PEER_LEFT_ISLAND";
      readonly payload: { readonly islandId: string; readonly peer: PlacedPeer };
    }
);

/** Sender of what the lighthouse itself has to say. */
export const lighthouseId = "__lighthouse__";
