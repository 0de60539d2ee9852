import type { BlockRef } from "../consensus/block.ts";
import { mostRefsPerRequest } from "./messages.ts";

/** How the fetcher asks. */
export interface FetchTargets {
  /** Connected peers, by authority. */
  readonly peers: () => readonly number[];
  readonly request: (peer: number, refs: readonly BlockRef[]) => void;
  /** Whether this block's author sends its own blocks to us anyway. */
  readonly isExpected: (ref: BlockRef) => boolean;
  readonly isStillMissing: (ref: BlockRef) => boolean;
}

/** A block whose author is connected usually comes by itself within this time. */
const graceMs = 50;
/** After this time the next peer is asked. */
const rotateMs = 200;
/** Refs under way at once. */
const mostUnderWay = 1_000;

interface Wanted {
  readonly ref: BlockRef;
  /** Who referred to it: it must have it. */
  readonly sender: number;
  asked: number;
  dueMs: number;
}

/** Fetches missing blocks: from the peer that referred to them first, then from the others in turn. */
export class Fetcher {
  readonly #targets: FetchTargets;
  readonly #wanted = new Map<string, Wanted>();
  #requests = 0;

  constructor(targets: FetchTargets) {
    this.#targets = targets;
  }

  /** Requests sent so far. */
  get requests(): number {
    return this.#requests;
  }

  /** Notes refs that a peer's block named and that are not accepted. */
  want(refs: readonly BlockRef[], sender: number, nowMs: number): void {
    for (const ref of refs) {
      const dueMs = this.#targets.isExpected(ref) ? nowMs + graceMs : nowMs;
      this.#wanted.set(ref.key, { ref, sender, asked: 0, dueMs });
    }
  }

  /** A peer does not have these: the next one is asked at the next tick. */
  notFound(refs: readonly BlockRef[], nowMs: number): void {
    for (const { key } of refs) {
      const wanted = this.#wanted.get(key);
      if (wanted !== undefined && wanted.asked > 0) wanted.dueMs = Math.min(wanted.dueMs, nowMs + graceMs);
    }
  }

  /** Sends what is due. Call it after `want`, and again and again. */
  tick(nowMs: number): void {
    const peers = this.#targets.peers();
    if (peers.length === 0) return;
    const batches = new Map<number, BlockRef[]>();
    let underWay = 0;
    for (const [key, wanted] of this.#wanted) {
      if (!this.#targets.isStillMissing(wanted.ref)) {
        this.#wanted.delete(key);
        continue;
      }
      if (++underWay > mostUnderWay) break;
      if (wanted.dueMs > nowMs) continue;
      const peer = choosePeer(peers, wanted);
      const batch = batches.get(peer);
      if (batch === undefined) batches.set(peer, [wanted.ref]);
      else batch.push(wanted.ref);
      wanted.asked++;
      wanted.dueMs = nowMs + rotateMs;
    }
    for (const [peer, refs] of batches) this.#request(peer, refs);
  }

  #request(peer: number, refs: readonly BlockRef[]): void {
    for (let at = 0; at < refs.length; at += mostRefsPerRequest) {
      this.#targets.request(peer, refs.slice(at, at + mostRefsPerRequest));
      this.#requests++;
    }
  }
}

/** The sender where it is connected, then the peers after it in turn. */
function choosePeer(peers: readonly number[], wanted: Wanted): number {
  const sender = Math.max(0, peers.indexOf(wanted.sender));
  return peers[(sender + wanted.asked) % peers.length] ?? wanted.sender;
}
