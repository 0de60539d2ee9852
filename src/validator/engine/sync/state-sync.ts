import { type CheckpointSource, type CheckpointSummary, stateHash } from "../consensus/checkpoint.ts";
import type { SyncLink } from "./block-serving.ts";
import { PeerViolationError } from "./frames.ts";
import { type CheckpointMessage, largestPartBytes, mostCheckpoints } from "./messages.ts";

export interface StateSyncParts {
  /** f: so many peers may lie. */
  readonly faults: number;
  readonly ownHeight: () => number;
  readonly source: () => CheckpointSource;
  /** Starts from a state that enough peers vouch for. `ownHeight` is at least its height afterwards. */
  readonly adopt: (encoded: Buffer) => void;
  readonly nowMs: () => number;
}

/** Largest state that is fetched. */
export const largestStateBytes = 256 * 1024 * 1024;

/** How long one part may take. */
const partTimeoutMs = 3_000;
/** Between two reads of another state for the same peer: each may cost a walk through the log. */
const readEveryMs = 1_000;
/** A state that nobody asks for any more leaves memory. */
const keepReadMs = 10_000;

interface Peer {
  readonly link: SyncLink<CheckpointMessage>;
  oldestHeight: number;
  entries: readonly CheckpointSummary[];
  /** When it last made us read a state. */
  readMs: number;
}

/** A state on its way here, all of it from one peer: whoever sent wrong bytes is known. */
interface Fetch {
  readonly peer: number;
  readonly entry: CheckpointSummary;
  readonly encoded: Buffer;
  receivedBytes: number;
  dueMs: number;
}

/**
 * Brings a validator to a state of its peers where they no longer hold the blocks that lead there, and gives states to
 * others. What at least f+1 peers say, at least one honest one says: so many must be without the blocks, and so many
 * must vouch for the state. No I/O of its own; time is handed in.
 */
export class StateSync {
  readonly #parts: StateSyncParts;
  readonly #peers = new Map<number, Peer>();
  /** Peers that did not give the state that they vouch for, since the last time that all were asked. */
  readonly #failed = new Set<number>();
  #fetch: Fetch | undefined;
  #read: { readonly height: number; readonly encoded: Buffer; usedMs: number } | undefined;
  #reported = "";

  constructor(parts: StateSyncParts) {
    this.#parts = parts;
    this.#reported = this.#holdings();
  }

  opened(authority: number, link: SyncLink<CheckpointMessage>): void {
    this.#peers.set(authority, { link, oldestHeight: 0, entries: [], readMs: Number.NEGATIVE_INFINITY });
    link.send(this.#announcement());
  }

  closed(authority: number): void {
    this.#peers.delete(authority);
    if (this.#fetch?.peer === authority) this.#giveUp();
  }

  /** @throws PeerViolationError where the peer breaks the protocol */
  message(authority: number, message: CheckpointMessage): void {
    const peer = this.#peers.get(authority);
    if (peer === undefined) return;
    switch (message.type) {
      case "checkpoints":
        peer.oldestHeight = message.oldestHeight;
        peer.entries = message.entries;
        this.#start();
        break;
      case "checkpointRequest":
        this.#serve(peer, message);
        break;
      case "checkpointPart":
        this.#take(authority, message);
    }
  }

  /** Tells peers of new states, and goes on to the next peer where one is slow. Call it every 50 ms or so. */
  tick(): void {
    const nowMs = this.#parts.nowMs();
    const holdings = this.#holdings();
    if (holdings !== this.#reported) {
      this.#reported = holdings;
      const announcement = this.#announcement();
      for (const { link } of this.#peers.values()) link.send(announcement);
    }
    if (this.#read !== undefined && nowMs - this.#read.usedMs > keepReadMs) this.#read = undefined;
    if (this.#fetch !== undefined && nowMs >= this.#fetch.dueMs) this.#giveUp();
    this.#start();
  }

  #holdings(): string {
    const source = this.#parts.source();
    return `${source.oldestHeight()}/${source.list().at(-1)?.height}`;
  }

  #announcement(): CheckpointMessage {
    const source = this.#parts.source();
    const entries = source.list().slice(-mostCheckpoints);
    return { type: "checkpoints", oldestHeight: source.oldestHeight(), entries };
  }

  /** Begins to fetch where that is needed and possible. */
  #start(): void {
    if (this.#fetch !== undefined || !this.#isLeftBehind()) return;
    const entry = this.#newestVouched();
    if (entry === undefined) return;
    const vouching = [...this.#peers].filter(([, { entries }]) =>
      entries.some((each) => isSame(each, entry)),
    );
    if (vouching.every(([authority]) => this.#failed.has(authority))) this.#failed.clear();
    const [next] = vouching.find(([authority]) => !this.#failed.has(authority)) ?? [];
    if (next === undefined) return;
    this.#fetch = {
      peer: next,
      entry,
      encoded: Buffer.allocUnsafeSlow(entry.sizeBytes),
      receivedBytes: 0,
      dueMs: 0,
    };
    this.#request(this.#fetch);
  }

  /** Whether more than f peers no longer hold the blocks that follow the own height. */
  #isLeftBehind(): boolean {
    const height = this.#parts.ownHeight();
    let count = 0;
    for (const { oldestHeight } of this.#peers.values()) if (oldestHeight > height) count++;
    return count > this.#parts.faults;
  }

  /** The newest state above the own height that more than f peers hold. */
  #newestVouched(): CheckpointSummary | undefined {
    const { faults, ownHeight } = this.#parts;
    const height = ownHeight();
    const all = [...this.#peers.values()].flatMap(({ entries }) => entries);
    const usable = all.filter(
      (each) => each.height > height && each.sizeBytes > 0 && each.sizeBytes <= largestStateBytes,
    );
    // A peer has at most one entry of a height, so that equal entries are of different peers.
    return usable
      .sort((a, b) => b.height - a.height)
      .find((entry) => usable.filter((each) => isSame(each, entry)).length > faults);
  }

  #request(fetch: Fetch): void {
    fetch.dueMs = this.#parts.nowMs() + partTimeoutMs;
    const { height } = fetch.entry;
    const { link } = this.#peers.get(fetch.peer) ?? {};
    link?.send({ type: "checkpointRequest", height, offset: fetch.receivedBytes });
  }

  #giveUp(): void {
    if (this.#fetch !== undefined) this.#failed.add(this.#fetch.peer);
    this.#fetch = undefined;
  }

  #take(authority: number, part: CheckpointMessage & { readonly type: "checkpointPart" }): void {
    const fetch = this.#fetch;
    // What comes late, after another peer was asked, is nobody's fault.
    if (fetch?.peer !== authority || part.height !== fetch.entry.height) return;
    if (part.offset !== fetch.receivedBytes) return;
    if (part.bytes.length === 0) {
      this.#giveUp();
      return;
    }
    const { entry, encoded } = fetch;
    if (part.bytes.length !== Math.min(largestPartBytes, entry.sizeBytes - part.offset)) {
      this.#giveUp();
      throw new PeerViolationError(`it sent a part of ${part.bytes.length} bytes of a state`);
    }
    part.bytes.copy(encoded, part.offset);
    fetch.receivedBytes += part.bytes.length;
    if (fetch.receivedBytes < entry.sizeBytes) {
      this.#request(fetch);
      return;
    }
    this.#giveUp();
    if (!stateHash(encoded).equals(entry.stateHash)) {
      throw new PeerViolationError(`it sent a state of height ${entry.height} that has another hash`);
    }
    this.#failed.clear();
    // Blocks may have come meanwhile.
    if (entry.height > this.#parts.ownHeight()) this.#parts.adopt(encoded);
  }

  /** A peer that reads slowly, or asks for many states in turn, has to ask again. */
  #serve(peer: Peer, { height, offset }: { height: number; offset: number }): void {
    if (!peer.link.hasRoom) return;
    const { nowMs } = this.#parts;
    const source = this.#parts.source();
    const isHeld = source.list().some((entry) => entry.height === height);
    if (isHeld && this.#read?.height !== height) {
      if (nowMs() - peer.readMs < readEveryMs) return;
      peer.readMs = nowMs();
      const encoded = source.read(height);
      this.#read = encoded === undefined ? undefined : { height, encoded, usedMs: 0 };
    }
    const read = isHeld ? this.#read : undefined;
    if (read !== undefined) read.usedMs = nowMs();
    const bytes = read?.encoded.subarray(offset, offset + largestPartBytes) ?? Buffer.alloc(0);
    peer.link.send({ type: "checkpointPart", height, offset, bytes });
  }
}

function isSame(a: CheckpointSummary, b: CheckpointSummary): boolean {
  return a.height === b.height && a.sizeBytes === b.sizeBytes && a.stateHash.equals(b.stateHash);
}
