import type { KeyObject } from "node:crypto";
import { type Block, type BlockRef, buildRef, decodeBlock, digestBytes } from "../consensus/block.ts";
import type { Dag } from "../consensus/dag.ts";
import { type BlockRules, findInvalidity, hasGoodSignature } from "../consensus/validity.ts";
import type { BlockStore } from "../log/block-store.ts";
import { Fetcher } from "./fetcher.ts";
import { PeerViolationError } from "./frames.ts";
import { type Message, mostRefsPerRequest } from "./messages.ts";
import { OwnHistory } from "./own-history.ts";

/** What this room needs of a connection. */
export interface SyncLink {
  readonly send: (message: Message) => void;
  readonly hasRoom: boolean;
}

export interface BlockSyncParts {
  readonly authority: number;
  readonly rules: BlockRules;
  /** By authority. */
  readonly publicKeys: readonly KeyObject[];
  readonly dag: Dag;
  readonly store: BlockStore;
  /** Takes a valid, signed block; returns the refs that it has to wait for. */
  readonly take: (block: Block) => readonly BlockRef[];
  readonly nowMs: () => number;
}

/** Blocks that a peer may send of its own before it is told to go on. */
const streamCredit = 200;

interface Peer {
  readonly link: SyncLink;
  /** Next own round to send, and how many blocks more the peer takes. */
  nextRound: number;
  credit: number;
  /** Own blocks of the peer since it was last told to go on. */
  received: number;
}

/** Brings blocks to the peers and from them: streams of own blocks, requests for missing ones, and the checks. */
export class BlockSync {
  readonly fetcher: Fetcher;
  readonly ownHistory: OwnHistory;
  readonly #parts: BlockSyncParts;
  readonly #peers = new Map<number, Peer>();

  constructor(parts: BlockSyncParts) {
    this.#parts = parts;
    const { committee } = parts.rules;
    this.ownHistory = new OwnHistory(committee.size - 1, committee.quorum - 1, parts.nowMs());
    this.fetcher = new Fetcher({
      peers: () => [...this.#peers.keys()],
      request: (peer, refs) => this.#peers.get(peer)?.link.send({ type: "request", refs }),
      isExpected: (ref) => this.#peers.has(ref.author) && ref.round > parts.dag.highestRoundOf(ref.author),
      isStillMissing: ({ key }) => !parts.dag.isAccepted(key) && !parts.dag.isSuspended(key),
    });
  }

  /** A peer is connected: asks for its blocks, and how far the own ones went. */
  opened(authority: number, link: SyncLink): void {
    const { dag, store } = this.#parts;
    this.#peers.set(authority, { link, nextRound: 1, credit: 0, received: 0 });
    link.send({ type: "subscribe", fromRound: dag.highestRoundOf(authority) + 1, credit: streamCredit });
    const from = store.highestRound(this.#parts.authority) + 1;
    link.send({ type: "range", author: this.#parts.authority, from, to: from });
  }

  closed(authority: number): void {
    this.#peers.delete(authority);
  }

  /**
   * Takes a peer's message.
   *
   * @throws PeerViolationError where the peer breaks the protocol
   */
  message(authority: number, message: Message): void {
    const peer = this.#peers.get(authority);
    if (peer === undefined) return;
    switch (message.type) {
      case "subscribe":
        peer.nextRound = Math.max(peer.nextRound, message.fromRound);
        peer.credit = message.credit;
        this.pump(authority);
        break;
      case "block":
        this.#receive(authority, message.encoded);
        break;
      case "request":
        this.#serve(peer.link, message.refs);
        break;
      case "range":
        this.#serveRange(peer.link, message);
        break;
      case "missing":
        this.#takeMissing(authority, message.refs);
    }
  }

  /** Sends a peer what it is due of the own blocks, as far as its queue has room. */
  pump(authority: number): void {
    const peer = this.#peers.get(authority);
    if (peer === undefined) return;
    while (peer.credit > 0 && peer.link.hasRoom) {
      const span = { from: peer.nextRound, to: Number.MAX_SAFE_INTEGER, most: 1 };
      const [next] = this.#parts.store.range(this.#parts.authority, span);
      if (next === undefined) return;
      peer.link.send({ type: "block", encoded: next.encoded });
      peer.nextRound = next.round + 1;
      peer.credit--;
    }
  }

  /** Sends new own blocks to everyone. */
  pumpAll(): void {
    for (const authority of this.#peers.keys()) this.pump(authority);
  }

  /** Asks for what is missing, and tells peers to go on. Call it every 50 ms or so. */
  tick(): void {
    this.fetcher.tick(this.#parts.nowMs());
    for (const [authority, peer] of this.#peers) this.#renew(authority, peer);
  }

  #receive(sender: number, encoded: Buffer): void {
    const { dag, rules, publicKeys, nowMs } = this.#parts;
    const block = decodeBlock(encoded, rules);
    const invalidity = block === undefined ? "its bytes are no block" : findInvalidity(block, rules);
    if (block === undefined || invalidity !== undefined) {
      throw new PeerViolationError(`it sent an invalid block: ${invalidity}`);
    }
    const { author, key, round } = block.ref;
    const peer = this.#peers.get(sender);
    if (peer !== undefined && author === sender) peer.received++;
    if (dag.isAccepted(key) || dag.isSuspended(key) || !this.#isWelcome(sender, block)) return;
    const authorKey = publicKeys[author];
    if (authorKey === undefined || !hasGoodSignature(block, authorKey)) {
      throw new PeerViolationError(`it sent a block of validator ${author} with a bad signature`);
    }
    if (author === this.#parts.authority) this.ownHistory.saw(round);
    this.fetcher.want(this.#parts.take(block), sender, nowMs());
    if (peer !== undefined) this.#renew(sender, peer);
  }

  /** Blocks nobody asked for are passed over, so that no peer can fill the memory. */
  #isWelcome(sender: number, { ref }: Block): boolean {
    const { dag, authority } = this.#parts;
    if (dag.isMissing(ref.key)) return true;
    if (ref.author !== sender && ref.author !== authority) return false;
    return dag.suspendedCountOf(ref.author) < 4 * streamCredit;
  }

  #renew(authority: number, peer: Peer): void {
    const { dag } = this.#parts;
    if (peer.received < streamCredit / 2 || dag.suspendedCountOf(authority) > streamCredit / 2) return;
    peer.received = 0;
    peer.link.send({ type: "subscribe", fromRound: 1, credit: streamCredit });
  }

  #serve(link: SyncLink, refs: readonly BlockRef[]): void {
    const notFound: BlockRef[] = [];
    for (const ref of refs) {
      // A peer that reads slowly asks again.
      if (!link.hasRoom) return;
      const encoded = this.#parts.store.find(ref);
      if (encoded === undefined) notFound.push(ref);
      else link.send({ type: "block", encoded });
    }
    if (notFound.length > 0) link.send({ type: "missing", refs: notFound });
  }

  #serveRange(link: SyncLink, range: { author: number; from: number; to: number }): void {
    const { store } = this.#parts;
    const blocks = store.range(range.author, { ...range, most: mostRefsPerRequest });
    while (link.hasRoom) {
      const next = blocks.next();
      if (next.done) break;
      link.send({ type: "block", encoded: next.value.encoded });
    }
    const end = buildRef(range.author, store.highestRound(range.author) + 1, Buffer.alloc(digestBytes));
    link.send({ type: "missing", refs: [end] });
  }

  #takeMissing(sender: number, refs: readonly BlockRef[]): void {
    const { store, authority, nowMs } = this.#parts;
    this.fetcher.notFound(refs, nowMs());
    for (const { author, round, digest } of refs) {
      if (author !== authority || digest.some((byte) => byte !== 0)) continue;
      const highest = round - 1;
      if (this.ownHistory.answered(sender, highest) && highest > store.highestRound(authority)) {
        const last = { type: "range", author, from: highest, to: highest } as const;
        this.#peers.get(sender)?.link.send(last);
      }
    }
  }
}
