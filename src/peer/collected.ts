/** Events of all peers, as each peer puts its own into the store: chunks of lines, by their place in its file. */
import { join } from "node:path";
import { delay } from "../core/async.ts";
import { LineLog } from "../core/documents/line-log.ts";
import { type Journal, preciseNow } from "./journal.ts";
import type { PeerStats, Store } from "./store/store.ts";

/** Chunks that wait for the one before, of one peer; a chunk that comes again is not lost. */
const mostWaiting = 1024;
const idOf = /^events-(\d{1,15})$/;

/** Id of the message that holds a peer's lines from a byte of its file on. */
const chunkId = (fromByte: number) => `events-${fromByte}`;

/** The byte that a message's lines begin with; undefined for other messages. */
export function chunkStart(id: string): number | undefined {
  const [, digits] = idOf.exec(id) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

export class CollectedEvents implements Disposable {
  readonly #folder: string;
  readonly #logs = new Map<string, LineLog>();
  /** By peer, then by the first byte. */
  readonly #waiting = new Map<string, Map<number, Uint8Array>>();

  /** @param peers whose events are collected */
  constructor(folder: string, peers: readonly string[]) {
    this.#folder = folder;
    for (const peer of peers)
      this.#logs.set(peer, new LineLog(join(this.#folder, `events-of-${peer}.ndjson`)));
  }

  /** Bytes of a peer's file that are here without a gap. */
  bytes(peer: string): number {
    return this.#logs.get(peer)?.bytes ?? 0;
  }

  /** In any order, and more than once. Ignored where it is of nobody that is collected. */
  take(peer: string, fromByte: number, lines: Uint8Array): void {
    const log = this.#logs.get(peer);
    if (log === undefined || fromByte + lines.length <= log.bytes) return;
    const waiting = this.#waiting.get(peer) ?? new Map<number, Uint8Array>();
    this.#waiting.set(peer, waiting);
    if (waiting.size < mostWaiting) waiting.set(fromByte, lines);
    this.#append(log, waiting);
  }

  /** Whole lines from a byte on; undefined for a peer that is not collected. */
  read(peer: string, fromByte: number, mostBytes: number): Buffer | undefined {
    return this.#logs.get(peer)?.read(fromByte, mostBytes);
  }

  [Symbol.dispose](): void {
    for (const log of this.#logs.values()) log[Symbol.dispose]();
  }

  #append(log: LineLog, waiting: Map<number, Uint8Array>): void {
    for (;;) {
      const next = [...waiting].find(([from, lines]) => from <= log.bytes && from + lines.length > log.bytes);
      for (const [from, lines] of waiting) if (from + lines.length <= log.bytes) waiting.delete(from);
      if (next === undefined) return;
      const [from, lines] = next;
      log.append(lines.subarray(log.bytes - from));
    }
  }
}

export interface PutOptions {
  readonly store: Store;
  readonly collected: CollectedEvents;
  readonly journal: Journal;
  /** Of the peer. */
  readonly name: string;
  readonly stats: () => PeerStats;
  readonly signal: AbortSignal;
}

const putEveryMs = 500;
const largestChunkBytes = 256 * 1024;

/** Puts a peer's own events into the store, until the signal aborts. */
export async function putEvents({
  store,
  collected,
  journal,
  name,
  stats,
  signal,
}: PutOptions): Promise<void> {
  for (;;) {
    await delay(putEveryMs, signal);
    const fromByte = collected.bytes(name);
    const payload = journal.read(fromByte, largestChunkBytes);
    if (payload.length === 0) continue;
    await store.write({ id: chunkId(fromByte), atMs: preciseNow(), stats: stats(), payload });
    collected.take(name, fromByte, payload);
  }
}
