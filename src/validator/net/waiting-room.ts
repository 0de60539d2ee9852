import type { PeerLink } from "./peer-link.ts";

/** Connections whose other end has not proven who it is, at most. */
export interface WaitingRoomLimits {
  readonly mostPerAddress: number;
  readonly most: number;
}

/**
 * Incoming connections during their handshake. A full room keeps nobody out: the oldest connection of the address gives
 * way, or the oldest of all, those first that have not said hello. A validator says it at once, and needs its place for a
 * few milliseconds only.
 */
export class WaitingRoom {
  readonly #limits: WaitingRoomLimits;
  /** The oldest first. */
  readonly #links = new Map<PeerLink, string>();

  constructor(limits: WaitingRoomLimits) {
    this.#limits = limits;
  }

  /** Returns the connection that has to give way, if one has. */
  enter(link: PeerLink, address: string): PeerLink | undefined {
    const { most, mostPerAddress } = this.#limits;
    const all = [...this.#links.keys()];
    const ofAddress = all.filter((each) => this.#links.get(each) === address);
    const crowd = ofAddress.length >= mostPerAddress ? ofAddress : all.length >= most ? all : [];
    this.#links.set(link, address);
    const evicted = crowd.find(({ saidHello }) => !saidHello) ?? crowd[0];
    if (evicted !== undefined) this.#links.delete(evicted);
    return evicted;
  }

  leave(link: PeerLink): void {
    this.#links.delete(link);
  }
}
