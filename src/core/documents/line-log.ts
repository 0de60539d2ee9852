import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";

const lineBreak = 0x0a;
const chunkBytes = 1024 * 1024;
/** "a+", but a link is not followed. */
const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * A file of lines that only grows, kept over the lives of its process. Lines are in the file when `append` returns, so
 * that nothing is lost with the process.
 */
export class LineLog implements Disposable {
  readonly #file: number;
  #bytes: number;

  /** Cuts off half a line that a killed process left. @param onLine takes all lines that are there already */
  constructor(path: string, onLine: (line: string) => void = () => {}) {
    this.#file = openSync(path, flags, 0o644);
    this.#bytes = fstatSync(this.#file).size;
    try {
      this.#repair(onLine);
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @param lines whole ones, each with its line break @throws the system's error, with none of them in the file */
  append(lines: string | Uint8Array): void {
    const bytes = typeof lines === "string" ? Buffer.from(lines) : lines;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      // A full disk may have taken a part, to which the next line would be joined.
      ftruncateSync(this.#file, this.#bytes);
      throw error;
    }
    this.#bytes += bytes.length;
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

  #repair(onLine: (line: string) => void): void {
    let from = 0;
    for (;;) {
      const lines = this.read(from, chunkBytes);
      if (lines.length === 0) break;
      from += lines.length;
      for (const line of lines.toString("utf8").split("\n")) if (line !== "") onLine(line);
    }
    if (from === this.#bytes) return;
    ftruncateSync(this.#file, from);
    this.#bytes = from;
  }
}
