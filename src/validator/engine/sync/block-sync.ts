import type { KeyObject } from "node:crypto";
import { type Block, type BlockRef, decodeBlock } from "../consensus/block.ts";
import type { Dag } from "../consensus/dag.ts";
import { type BlockRules, findInvalidity, hasGoodSignature } from "../consensus/validity.ts";
import { type BlockArchive, type SyncLink, serveRange, serveRefs } from "./block-serving.ts";
import { Fetcher } from "./fetcher.ts";
import { PeerViolationError } from "./frames.ts";
import type { Message } from "./messages.ts";
import { OwnHistory } from "./own-history.ts";
import { RateLimit } from "./rate-limit.ts";
import { defaultSuspensionLimit, SuspendedBudget, type SuspensionLimit } from "./suspended-budget.ts";

export interface BlockSyncParts {
  readonly authority: number;
  readonly rules: BlockRules;
  /** By authority. */
  readonly publicKeys: readonly KeyObject[];
  readonly dag: Dag;
  readonly store: BlockArchive;
  /** Takes a valid, signed block; returns the refs that it has to wait for. */
  readonly take: (block: Block) => readonly BlockRef[];
  /** No own block of a higher round was ever sent; undefined where that is not known. */
  readonly highestSignedRound: number | undefined;
  readonly nowMs: () => number;
  /** What each peer may have waiting here; the default where it is left out. */
  readonly suspensionLimit?: SuspensionLimit;
}

/** Blocks that a peer may send of its own before it is told to go on, at most; fewer where there was no room for all. */
const largestCredit = 100;
const smallestCredit = 8;

/** A block whose author is connected usually comes by itself within this time … */
const graceMs = 50;
/**
 * … and within this much more for each round that this validator is behind. Far less than a round takes: a fixed time
 * would keep it behind for good where every round waits for a block that never comes by itself, such as a twin.
 */
const graceMsPerRoundBehind = 5;
const longestGraceMs = 1_000;

/** Blocks that are here already, or that nobody waits for, from one peer: some come by the way of catching up. */
const uselessLimit = { burst: 10_000, everyMs: 1, mostKeys: 65_536 };

/** Twins of one author, on average over the rounds that count: who signs a second block in each is still heard. */
const mostTwinsPerRound = 2;

/** A validator more rounds than this behind the others catches up. */
const mostRoundsBehind = 5;
/** How often such a one asks how far the others are: their blocks come as fast as it takes them, and do not tell. */
const askEveryMs = 1_000;

interface Peer {
  readonly link: SyncLink;
  /** Next own round to send, and how many blocks more the peer takes. */
  nextRound: number;
  credit: number;
  /** Blocks that the peer may send of its own, and how many of them came. */
  granted: number;
  received: number;
  /** Lowest round of an own block of the peer for which there was no room: from there it has to be sent again. */
  passedOver: number | undefined;
}

/** Brings blocks to the peers and from them: streams of own blocks, requests for missing ones, and the checks. */
export class BlockSync {
  readonly fetcher: Fetcher;
  readonly ownHistory: OwnHistory;
  readonly #parts: BlockSyncParts;
  readonly #peers = new Map<number, Peer>();
  readonly #budget: SuspendedBudget;
  readonly #useless = new RateLimit(uselessLimit);
  /** By author, the highest round that it claims: of a block with its signature, accepted or not, or in its own words. */
  readonly #claimed: number[];
  /** More than f authors, so an honest one at least, claim this round or a higher one. */
  #reached = 0;
  #askedMs = 0;

  constructor(parts: BlockSyncParts) {
    this.#parts = parts;
    const { committee } = parts.rules;
    this.ownHistory = new OwnHistory(committee, parts.highestSignedRound, parts.nowMs());
    this.#budget = new SuspendedBudget(parts.suspensionLimit ?? defaultSuspensionLimit, parts.dag);
    this.#claimed = new Array<number>(committee.size).fill(0);
    this.fetcher = new Fetcher({
      peers: () => [...this.#peers.keys()],
      request: (peer, refs) => this.#peers.get(peer)?.link.send({ type: "request", refs }),
      graceMs: (ref) => this.#graceMs(ref),
      isStillMissing: (ref) => !parts.dag.isAccepted(ref) && !parts.dag.isSuspended(ref),
    });
    // What the log held may wait for others.
    this.fetcher.want(parts.dag.missing(), parts.authority, parts.nowMs());
  }

  /** How far the own clock is behind the round that the others are known to have reached. */
  get roundsBehind(): number {
    return Math.max(0, this.#reached - this.#parts.dag.clock);
  }

  /** Round of the own highest block that was accepted here. */
  get #ownRound(): number {
    return this.#parts.store.positions.highestRound(this.#parts.authority);
  }

  /** Whether this validator is so far behind that what it proposes comes too late to be voted for. */
  get catchingUp(): boolean {
    return this.roundsBehind > mostRoundsBehind;
  }

  /**
   * Whether an author has so many twins here that what only its own blocks lead to is passed over, until some are
   * obsolete. What others build on is taken in any case: they hold it, and nobody could follow them without it.
   */
  isPassedOver(author: number): boolean {
    return this.#parts.dag.twinsOf(author) > mostTwinsPerRound * this.#parts.rules.gcDepth;
  }

  /** A peer is connected: asks for its blocks, and how far the own ones went. */
  opened(authority: number, link: SyncLink): void {
    const { dag } = this.#parts;
    this.#peers.set(authority, {
      link,
      nextRound: 1,
      credit: 0,
      granted: largestCredit,
      received: 0,
      passedOver: undefined,
    });
    link.send({ type: "subscribe", fromRound: dag.highestRoundOf(authority) + 1, credit: largestCredit });
    link.send(howFar(authority));
    this.#askForOwn(link);
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
        if (message.fromRound > 0) peer.nextRound = message.fromRound;
        peer.credit = message.credit;
        this.pump(authority);
        break;
      case "block":
        this.#receive(authority, message.encoded);
        break;
      case "request":
        serveRefs(this.#parts.store, peer.link, message.refs);
        break;
      case "range":
        serveRange(this.#parts, peer.link, { ...message, asker: authority });
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
    const nowMs = this.#parts.nowMs();
    this.fetcher.tick(nowMs);
    const lacksOwn = this.ownHistory.seenRound > this.#ownRound;
    if ((this.catchingUp || lacksOwn) && nowMs - this.#askedMs >= askEveryMs) {
      this.#askedMs = nowMs;
      for (const [authority, { link }] of this.#peers) {
        if (this.catchingUp) link.send(howFar(authority));
        // There may have been no room for it; it is of use only where its history is here.
        else this.#askForOwn(link);
      }
    }
    for (const [authority, peer] of this.#peers) this.#renew(authority, peer);
  }

  /** Asks how far the own blocks go there, which also brings the highest one. */
  #askForOwn(link: SyncLink): void {
    const from = this.#ownRound + 1;
    link.send({ type: "range", author: this.#parts.authority, from, to: from });
  }

  #receive(sender: number, encoded: Buffer): void {
    const { dag, rules, publicKeys, take, nowMs } = this.#parts;
    const block = decodeBlock(encoded, rules);
    const invalidity = block === undefined ? "its bytes are not a block" : findInvalidity(block, rules);
    if (block === undefined || invalidity !== undefined) {
      throw new PeerViolationError(`it sent an invalid block: ${invalidity}`);
    }
    const { author, round } = block.ref;
    const peer = this.#peers.get(sender);
    if (peer === undefined) return;
    if (author === sender) peer.received++;
    if (dag.isAccepted(block.ref) || dag.isSuspended(block.ref) || !this.#isWelcome(sender, block)) {
      if (this.#useless.pass(String(sender), nowMs()) !== undefined) return;
      throw new PeerViolationError("it sends too many unneeded blocks");
    }
    const missing = block.refs.filter((ref) => !dag.isAccepted(ref));
    const hasRoom = missing.length === 0 || this.#budget.hasRoom(sender, block);
    if (!hasRoom && author === sender) peer.passedOver = Math.min(peer.passedOver ?? round, round);
    const isKept = hasRoom || this.fetcher.isWanted(block.ref.key);
    const isOwn = author === this.#parts.authority;
    if (!isKept && !isOwn) return;
    const authorKey = publicKeys[author];
    if (authorKey === undefined || !hasGoodSignature(block, authorKey)) {
      throw new PeerViolationError(`it sent a block of validator ${author} with a bad signature`);
    }
    if (isOwn) this.ownHistory.saw(round);
    this.#claim(author, round);
    if (!isKept) return;
    if (hasRoom && missing.length > 0) this.#budget.add(sender, block);
    // Without room it is not kept, but stays wanted, as does what it waits for: the lowest missing blocks need no room.
    const toFetch = hasRoom ? take(block) : missing.filter((ref) => !dag.isSuspended(ref));
    this.fetcher.want(toFetch, sender, nowMs());
    this.#renew(sender, peer);
  }

  /**
   * Blocks nobody waits for are passed over, so that no peer can fill memory or log: those of others, and a twin of what
   * its author sent before. The twin is asked for once somebody builds on it.
   */
  #isWelcome(sender: number, { ref }: Block): boolean {
    const { dag, authority } = this.#parts;
    if (this.isPassedOver(ref.author) && !this.#isNeededByOthers(ref)) return false;
    if (dag.isMissing(ref) || this.fetcher.isWanted(ref.key)) return true;
    if (ref.author !== sender && ref.author !== authority) return false;
    return dag.blocksOf(ref.author, ref.round).length === 0;
  }

  #isNeededByOthers(ref: BlockRef): boolean {
    return this.#parts.dag.isMissingToOthers(ref) || this.fetcher.isWantedBesides(ref.author, ref.key);
  }

  /** Lets a peer go on with its own blocks, or begin again with the first for which there was no room. */
  #renew(authority: number, peer: Peer): void {
    const { passedOver } = peer;
    const isDue = passedOver !== undefined || peer.received >= peer.granted / 2;
    if (!isDue || !this.#budget.isMostlyFree(authority)) return;
    peer.granted =
      passedOver === undefined
        ? Math.min(largestCredit, 2 * peer.granted)
        : Math.max(smallestCredit, Math.floor(peer.granted / 2));
    peer.received = 0;
    peer.passedOver = undefined;
    peer.link.send({ type: "subscribe", fromRound: passedOver ?? 0, credit: peer.granted });
  }

  #graceMs({ author, round }: BlockRef): number {
    if (!this.#peers.has(author) || round <= this.#parts.dag.highestRoundOf(author)) return 0;
    return Math.min(longestGraceMs, graceMs + graceMsPerRoundBehind * this.roundsBehind);
  }

  #claim(author: number, round: number): void {
    if (round <= (this.#claimed[author] ?? 0)) return;
    this.#claimed[author] = round;
    this.#reached = this.#claimed.toSorted((a, b) => b - a)[this.#parts.rules.committee.faults] ?? 0;
  }

  #takeMissing(sender: number, refs: readonly BlockRef[]): void {
    const { authority, nowMs } = this.#parts;
    this.fetcher.notFound(refs, nowMs());
    for (const { author, round, digest } of refs) {
      if (digest.some((byte) => byte !== 0)) continue;
      const highest = round - 1;
      if (author === sender) this.#claim(sender, highest);
      if (author !== authority) continue;
      const answer = { ownRound: highest, peerRound: this.#claimed[sender] ?? 0 };
      this.ownHistory.answered(sender, answer, nowMs());
    }
  }
}

/** Asks a peer for the round of its own highest block. */
function howFar(authority: number): Message {
  return { type: "range", author: authority, from: Number.MAX_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER };
}
