import type { BlockRef } from "../consensus/block.ts";
import { mostRefsPerRequest } from "./messages.ts";

export interface FetchTargets {
  /** Connected peers, by authority. */
  readonly peers: () => readonly number[];
  readonly request: (peer: number, refs: readonly BlockRef[]) => void;
  /** How long this block may take to come by itself, ms: more than 0 where its author sends us its blocks anyway. */
  readonly graceMs: (ref: BlockRef) => number;
  readonly isStillMissing: (ref: BlockRef) => boolean;
}

/** After a peer said that it does not have a block, the next one is asked this soon. */
const nextSoonMs = 50;
/** After this time the next peer is asked; it doubles each time that all were asked, up to eight times. */
const rotateMs = 200;
const mostDoublings = 3;
/** Refs of one sender that are wanted at a time: more than honest blocks name while a validator catches up. */
const mostPerSender = 20_000;
/**
 * Refs of one sender that a tick looks at, the longest unseen first: who names refs that nobody can serve delays what
 * it named itself, and nobody else.
 */
const mostPerTick = 250;
/** Refs that one peer is asked for in a tick, so that it does not take the questions for a flood. */
const mostPerPeer = 10 * mostRefsPerRequest;

interface Wanted {
  readonly ref: BlockRef;
  /** Who referred to it first: it must have it. */
  readonly sender: number;
  asked: number;
  dueMs: number;
}

/** Fetches missing blocks: from the peer that referred to them first, then from the others in turn. */
export class Fetcher {
  readonly #targets: FetchTargets;
  readonly #wanted = new Map<string, Wanted>();
  /** By sender, what it referred to, the longest unseen first. */
  readonly #keysOf = new Map<number, Set<string>>();
  #requests = 0;

  constructor(targets: FetchTargets) {
    this.#targets = targets;
  }

  get wanted(): number {
    return this.#wanted.size;
  }

  get requests(): number {
    return this.#requests;
  }

  isWanted(key: string): boolean {
    return this.#wanted.has(key);
  }

  /** Whether a block that somebody else sent named it. */
  isWantedBesides(sender: number, key: string): boolean {
    if (!this.#wanted.has(key)) return false;
    for (const [other, keys] of this.#keysOf) if (other !== sender && keys.has(key)) return true;
    return false;
  }

  /**
   * Notes refs that a peer's block named and that are neither accepted nor held. What one peer names beyond the bound is
   * passed over.
   */
  want(refs: readonly BlockRef[], sender: number, nowMs: number): void {
    if (refs.length === 0) return;
    const keys = this.#keysOf.get(sender) ?? new Set();
    this.#keysOf.set(sender, keys);
    for (const ref of refs) {
      if (keys.size >= mostPerSender) return;
      keys.add(ref.key);
      if (this.#wanted.has(ref.key)) continue;
      const dueMs = nowMs + this.#targets.graceMs(ref);
      this.#wanted.set(ref.key, { ref, sender, asked: 0, dueMs });
    }
  }

  /** A peer does not have these: the next one is asked at the next tick. */
  notFound(refs: readonly BlockRef[], nowMs: number): void {
    for (const { key } of refs) {
      const wanted = this.#wanted.get(key);
      if (wanted !== undefined && wanted.asked > 0) wanted.dueMs = Math.min(wanted.dueMs, nowMs + nextSoonMs);
    }
  }

  /** Sends what is due. Call it after `want`, and again and again. */
  tick(nowMs: number): void {
    const peers = this.#targets.peers();
    if (peers.length === 0) return;
    const batches = new Map<number, BlockRef[]>();
    for (const keys of this.#keysOf.values()) {
      for (const wanted of this.#nextOf(keys)) {
        if (wanted.dueMs > nowMs) continue;
        const peer = choosePeer(peers, wanted);
        const batch = batches.get(peer) ?? [];
        if (batch.length >= mostPerPeer) continue;
        batches.set(peer, batch);
        batch.push(wanted.ref);
        wanted.asked++;
        const doublings = Math.min(mostDoublings, Math.floor(wanted.asked / peers.length));
        wanted.dueMs = nowMs + rotateMs * 2 ** doublings;
      }
    }
    for (const [peer, refs] of batches) this.#request(peer, refs);
  }

  /** The longest unseen ones, put behind all others; those that came meanwhile are forgotten, and do not count. */
  #nextOf(keys: Set<string>): Wanted[] {
    const next: Wanted[] = [];
    for (const key of keys) {
      if (next.length === mostPerTick) break;
      keys.delete(key);
      const wanted = this.#wanted.get(key);
      if (wanted === undefined) continue;
      if (this.#targets.isStillMissing(wanted.ref)) next.push(wanted);
      else this.#wanted.delete(key);
    }
    for (const { ref } of next) keys.add(ref.key);
    return next;
  }

  #request(peer: number, refs: readonly BlockRef[]): void {
    for (let at = 0; at < refs.length; at += mostRefsPerRequest) {
      this.#targets.request(peer, refs.slice(at, at + mostRefsPerRequest));
      this.#requests++;
    }
  }
}

/** The sender where it is connected, then the peers after it in turn. */
function choosePeer(peers: readonly number[], { sender, asked }: Wanted): number {
  const first = Math.max(0, peers.indexOf(sender));
  return peers[(first + asked) % peers.length] ?? sender;
}
