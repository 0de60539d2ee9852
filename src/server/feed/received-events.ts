/** Events that programs push: a file of JSON lines for each stream, which only grows. */
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { LineLog } from "../../core/documents/line-log.ts";
import { BaleenError } from "../../core/errors.ts";

/** What is taken. */
export const receivedLimits = {
  requestBytes: 1024 * 1024,
  lineBytes: 64 * 1024,
  streamBytes: 1024 ** 3,
  streams: 10_000,
} as const;

/** No path leads out of the folder, and none is hidden. */
const streamName = /^[A-Za-z0-9_][\w.-]{0,99}$/;
const extension = ".ndjson";
/** Files at once; others are opened again when they are used. */
const mostOpen = 200;
const longestReplyBytes = 4 * 1024 * 1024;

export interface ReceivedStream {
  readonly stream: string;
  readonly bytes: number;
}

/** What was sent cannot be kept; the message says why. */
const refusal = (message: string) => new BaleenError("events-refused", message);

export class ReceivedEvents implements Disposable {
  readonly #folder: string;
  readonly #bytes = new Map<string, number>();
  /** The last ones that were used, the latest at the end. */
  readonly #open = new Map<string, LineLog>();

  /** Makes the folder, or goes on with what is in it. @throws Error where it cannot be written */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(folder)) {
      const name = file.endsWith(extension) ? file.slice(0, -extension.length) : "";
      if (streamName.test(name)) this.#bytes.set(name, statSync(join(folder, file)).size);
    }
  }

  get streams(): readonly ReceivedStream[] {
    return [...this.#bytes].map(([stream, bytes]) => ({ stream, bytes }));
  }

  /**
   * Appends lines; those of a stream that are there already are not taken twice.
   *
   * @param at length of the stream in bytes, as the sender knows it; undefined: it does not know
   * @returns the stream's length now, and whether the lines were taken: not where `at` is another length
   * @throws BaleenError where they are no JSON lines, or too much
   */
  append(
    stream: string,
    at: number | undefined,
    lines: Buffer,
  ): { readonly bytes: number; readonly taken: boolean } {
    checkLines(lines);
    const log = this.#bytes.has(stream) ? this.#log(stream) : this.#begin(stream);
    if (at !== undefined && at !== log.bytes) return { bytes: log.bytes, taken: false };
    if (log.bytes + lines.length > receivedLimits.streamBytes) {
      throw refusal(`A stream has at most ${receivedLimits.streamBytes} bytes.`);
    }
    log.append(lines);
    this.#bytes.set(stream, log.bytes);
    return { bytes: log.bytes, taken: true };
  }

  /** Whole lines from a byte on; undefined where there is no such stream. */
  read(stream: string, fromByte: number): Buffer | undefined {
    return this.#bytes.has(stream) ? this.#log(stream).read(fromByte, longestReplyBytes) : undefined;
  }

  [Symbol.dispose](): void {
    for (const log of this.#open.values()) log[Symbol.dispose]();
  }

  #begin(stream: string): LineLog {
    if (!streamName.test(stream)) {
      throw refusal("The name of a stream has 1 to 100 letters, digits, dots, hyphens and underscores.");
    }
    if (this.#bytes.size >= receivedLimits.streams) {
      throw refusal(`There are at most ${receivedLimits.streams} streams.`);
    }
    return this.#log(stream);
  }

  #log(stream: string): LineLog {
    const log = this.#open.get(stream) ?? new LineLog(join(this.#folder, `${stream}${extension}`));
    this.#open.delete(stream);
    this.#open.set(stream, log);
    this.#bytes.set(stream, log.bytes);
    for (const [oldest, unused] of this.#open) {
      if (this.#open.size <= mostOpen) break;
      unused[Symbol.dispose]();
      this.#open.delete(oldest);
    }
    return log;
  }
}

function checkLines(lines: Buffer): void {
  if (lines.length > 0 && lines.at(-1) !== 0x0a) throw refusal("The last line has no line break.");
  for (const line of lines.toString("utf8").split("\n").slice(0, -1)) {
    if (line.length > receivedLimits.lineBytes) {
      throw refusal(`A line has at most ${receivedLimits.lineBytes} characters.`);
    }
    if (!isObject(line)) throw refusal(`It is not a JSON object: ${line.slice(0, 80)}`);
  }
}

function isObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
