/** The peers of a lighthouse, and who of them may hear of whom. */
import { assignIslands, type Inhabitant, type IslandRules } from "./islands.ts";
import {
  type Heartbeat,
  type IslandNotice,
  type LighthouseMessage,
  lighthouseId,
  type PlacedPeer,
  type Position,
} from "./messages.ts";

/** Where messages for a peer go. */
export interface Connection {
  send(message: LighthouseMessage): void;
  /** @param reason for the peer */
  close(reason: string): void;
}

export interface LighthousePeer {
  readonly id: string;
  /** Who presents it again may take the peer's place. */
  readonly token: string;
  connection: Connection;
  isValidated: boolean;
  /** Monotonic. */
  lastHeartbeatMs: number;
  connectedPeerIds: readonly string[];
  position: Position | undefined;
  layer: string;
  islandId: string | undefined;
}

/** Of a peer that names no layer. */
const usualLayer = "island";

export class LighthousePeers {
  readonly #rules: IslandRules;
  readonly #peers = new Map<string, LighthousePeer>();
  #islandCount = 0;

  constructor(rules: IslandRules) {
    this.#rules = rules;
  }

  get all(): readonly LighthousePeer[] {
    return [...this.#peers.values()];
  }

  get count(): number {
    return this.#peers.size;
  }

  find(id: string): LighthousePeer | undefined {
    return this.#peers.get(id);
  }

  add(id: string, token: string, connection: Connection, nowMs: number): LighthousePeer {
    const peer: LighthousePeer = {
      id,
      token,
      connection,
      isValidated: false,
      lastHeartbeatMs: nowMs,
      connectedPeerIds: [],
      position: undefined,
      layer: usualLayer,
      islandId: undefined,
    };
    this.#peers.set(id, peer);
    return peer;
  }

  /** Takes a peer away, and says so to those of its island. */
  remove(peer: LighthousePeer): void {
    if (this.#peers.get(peer.id) !== peer) return;
    this.#peers.delete(peer.id);
    this.#say("PEER_LEFT_ISLAND", peer, this.#membersOf(peer.islandId));
  }

  keepHeartbeat(peer: LighthousePeer, { connectedPeerIds, position, layer }: Heartbeat, nowMs: number): void {
    peer.lastHeartbeatMs = nowMs;
    peer.connectedPeerIds = connectedPeerIds;
    peer.position = position ?? peer.position;
    peer.layer = layer ?? peer.layer;
  }

  areInOneIsland(one: LighthousePeer, other: LighthousePeer): boolean {
    return one.islandId !== undefined && one.islandId === other.islandId;
  }

  islands(): ReadonlyMap<string, readonly LighthousePeer[]> {
    return Map.groupBy(
      this.all.filter((peer) => peer.islandId !== undefined),
      ({ islandId }) => islandId ?? "",
    );
  }

  /** Moves peers to the islands of their latest positions, and tells all whom that concerns. */
  updateIslands(): void {
    const placed = this.all.filter((peer) => peer.isValidated && peer.position !== undefined);
    const islandOf = assignIslands(placed as readonly Inhabitant[], this.#rules, (layer) => {
      this.#islandCount++;
      return `${layer}-${this.#islandCount}`;
    });
    const moved = placed.filter((peer) => peer.islandId !== islandOf.get(peer.id));
    if (moved.length === 0) return;
    const left = moved.map((peer) => ({ peer, from: peer.islandId }));
    for (const peer of moved) peer.islandId = islandOf.get(peer.id);
    const hasMoved = new Set(moved);
    const islands = this.islands();
    for (const { peer, from } of left) {
      // Those who moved along, or came too, get the whole list.
      const members = (islandId = "") => (islands.get(islandId) ?? []).filter((one) => !hasMoved.has(one));
      this.#say("PEER_LEFT_ISLAND", peer, members(from), from);
      this.#say("PEER_JOINED_ISLAND", peer, members(peer.islandId));
    }
    for (const peer of moved) this.#sayIsland(peer, islands.get(peer.islandId ?? "") ?? []);
  }

  #membersOf(islandId: string | undefined): readonly LighthousePeer[] {
    return islandId === undefined ? [] : this.all.filter((peer) => peer.islandId === islandId);
  }

  #say(
    type: "PEER_JOINED_ISLAND" | "PEER_LEFT_ISLAND",
    about: LighthousePeer,
    to: readonly LighthousePeer[],
    islandId = about.islandId,
  ): void {
    const peer = placeOf(about);
    if (islandId === undefined || peer === undefined) return;
    for (const { id, connection } of to) {
      connection.send({ type, src: lighthouseId, dst: id, payload: { islandId, peer } });
    }
  }

  #sayIsland({ id, islandId, connection }: LighthousePeer, members: readonly LighthousePeer[]): void {
    if (islandId === undefined) return;
    const peers = members.map(placeOf).filter((peer) => peer !== undefined);
    const notice: IslandNotice = {
      type: "CHANGE_ISLAND",
      src: lighthouseId,
      dst: id,
      payload: { islandId, peers },
    };
    connection.send(notice);
  }
}

function placeOf({ id, position }: LighthousePeer): PlacedPeer | undefined {
  return position === undefined ? undefined : { id, position };
}
