/** What a peer tells of itself: its events, in a file before anybody else can know of them. */
import type { PeerEvent } from "../contracts/load/peer-events.ts";
import { LineLog } from "../core/documents/line-log.ts";
import type { StoredMessage } from "./store/store.ts";

/** Milliseconds since 1970, with the fraction that the machine knows. */
export const preciseNow = (): number => performance.timeOrigin + performance.now();

export class Journal implements Disposable {
  readonly #name: string;
  readonly #log: LineLog;
  /** By writer: ids that can be read here. */
  readonly #held = new Map<string, Set<string>>();
  /** By writer: when the latest message that can be read here was written. */
  readonly #latestMs = new Map<string, number>();
  #bornMs: number | undefined;

  /** Goes on with a file of an earlier life. @param name of the peer */
  constructor(path: string, name: string) {
    this.#name = name;
    this.#log = new LineLog(path, (line) => {
      const event = JSON.parse(line) as PeerEvent;
      this.#bornMs ??= event.at;
      if (event.type === "read") this.#heldOf(event.from).add(event.id);
    });
  }

  /** Nothing was told yet, in any life. */
  get isNew(): boolean {
    return this.#bornMs === undefined;
  }

  /** Length of all that was told, bytes. */
  get bytes(): number {
    return this.#log.bytes;
  }

  /** Name of this file elsewhere, the same over all lives from the first event on. */
  get stream(): string {
    return `${this.#name}-${Math.round((this.#bornMs ?? 0) * 1000).toString(36)}`;
  }

  /** Messages that can be read here, by writer. */
  get held(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#held].map(([peer, ids]) => [peer, ids.size]));
  }

  tell(event: PeerEvent): void {
    this.#bornMs ??= event.at;
    this.#log.append(`${JSON.stringify(event)}\n`);
  }

  /** A message can be read here: told of once. */
  hold({ from, id, atMs }: Pick<StoredMessage, "from" | "id" | "atMs">): void {
    const held = this.#heldOf(from);
    this.#latestMs.set(from, Math.max(this.#latestMs.get(from) ?? 0, atMs));
    if (held.has(id)) return;
    held.add(id);
    this.tell({ type: "read", at: preciseNow(), id, from });
  }

  latestMs(writer: string): number {
    return this.#latestMs.get(writer) ?? 0;
  }

  /** Whole lines from a byte on, at most `mostBytes`; empty where there are no more. */
  read(fromByte: number, mostBytes: number): Buffer {
    return this.#log.read(fromByte, mostBytes);
  }

  [Symbol.dispose](): void {
    this.#log[Symbol.dispose]();
  }

  #heldOf(peer: string): Set<string> {
    const known = this.#held.get(peer);
    if (known !== undefined) return known;
    const ids = new Set<string>();
    this.#held.set(peer, ids);
    return ids;
  }
}
