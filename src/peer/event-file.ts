import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import type { PeerEvent } from "../contracts/load/peer-events.ts";

const lineBreak = 0x0a;
const chunkBytes = 1024 * 1024;

/**
 * A peer's events, one JSON object a line, kept over its lives. An event is in the file when `append` returns, so that
 * nothing that others have seen of a peer is lost with its process.
 */
export class EventFile implements Disposable {
  readonly #file: number;
  #bytes: number;

  /** Cuts off half a line that a killed process left. @param onEvent takes all events that are there already */
  constructor(path: string, onEvent: (event: PeerEvent) => void = () => {}) {
    this.#file = openSync(path, "a+", 0o644);
    this.#bytes = fstatSync(this.#file).size;
    this.#repair(onEvent);
  }

  append(event: PeerEvent): void {
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    this.#bytes += writeSync(this.#file, line);
  }

  /** Whole lines from a byte on, at most `mostBytes`; empty where there are no more. */
  read(fromByte: number, mostBytes: number): Buffer {
    const wanted = Math.min(mostBytes, Math.max(0, this.#bytes - fromByte));
    const found = Buffer.alloc(wanted);
    const read = wanted === 0 ? 0 : readSync(this.#file, found, 0, wanted, fromByte);
    return found.subarray(0, found.subarray(0, read).lastIndexOf(lineBreak) + 1);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #repair(onEvent: (event: PeerEvent) => void): void {
    let from = 0;
    for (;;) {
      const lines = this.read(from, chunkBytes);
      if (lines.length === 0) break;
      from += lines.length;
      for (const line of lines.toString("utf8").split("\n")) {
        if (line !== "") onEvent(JSON.parse(line) as PeerEvent);
      }
    }
    if (from === this.#bytes) return;
    ftruncateSync(this.#file, from);
    this.#bytes = from;
  }
}
