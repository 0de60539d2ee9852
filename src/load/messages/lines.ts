import type { Readable } from "node:stream";
import { BaleenError } from "../../core/errors.ts";

/** A line longer than this is none of ours: the longest are reports with the times of a million heights. */
export const longestLineBytes = 128 * 1024 * 1024;

/** A line that does not end. */
export class LineTooLongError extends BaleenError {
  constructor(limitBytes: number) {
    super("line-too-long", `A line of more than ${limitBytes} bytes came.`);
  }
}

const lineBreak = 0x0a;

/** Cuts bytes into lines, in bounded memory. What follows the last line break is no line. */
export class LineCutter {
  readonly #limitBytes: number;
  readonly #onLine: (line: string) => void;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(onLine: (line: string) => void, limitBytes = longestLineBytes) {
    this.#onLine = onLine;
    this.#limitBytes = limitBytes;
  }

  /** @throws LineTooLongError, and whatever the taker of lines throws */
  push(chunk: Buffer): void {
    let from = 0;
    for (let to = chunk.indexOf(lineBreak); to !== -1; to = chunk.indexOf(lineBreak, from)) {
      this.#keep(chunk.subarray(from, to));
      const line = this.#rest.length === 1 ? this.#rest[0] : Buffer.concat(this.#rest);
      this.#rest = [];
      this.#restBytes = 0;
      from = to + 1;
      this.#onLine(line?.toString("utf8") ?? "");
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  #keep(bytes: Buffer): void {
    this.#restBytes += bytes.length;
    if (this.#restBytes > this.#limitBytes) throw new LineTooLongError(this.#limitBytes);
    this.#rest.push(bytes);
  }
}

export interface LineListener {
  readonly line: (line: string) => void;
  /** Once, after the last line: the stream's end, its failure, a line that is too long, or what `line` threw. */
  readonly end: (error: unknown) => void;
}

/** Reads a stream line by line until it ends, however it ends. */
export function readLines(stream: Readable, listener: LineListener): void {
  let hasEnded = false;
  const end = (error?: unknown) => {
    if (hasEnded) return;
    hasEnded = true;
    listener.end(error);
  };
  const cutter = new LineCutter((line) => {
    if (!hasEnded) listener.line(line);
  });
  stream.on("data", (chunk: Buffer | string) => {
    try {
      cutter.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    } catch (error) {
      end(error);
    }
  });
  stream.on("error", end);
  for (const event of ["end", "close"]) stream.on(event, () => end());
}
