import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, writevSync } from "node:fs";
import { join } from "node:path";
import { BaleenError, describeError } from "../../core/errors.ts";
import {
  buildRecordHead,
  type LogRecord,
  largestPayloadBytes,
  readRecord,
  recordOverheadBytes,
} from "./record.ts";

/** The log cannot be read or written. */
export class LogError extends BaleenError {
  readonly path: string;

  constructor(message: string, { path, ...options }: { path: string; cause?: unknown }) {
    super("validator-log", `Write-ahead log ${path}: ${message}`, options);
    this.path = path;
  }
}

/** How much is read at once when the log is replayed. */
const replayChunkBytes = 2 * (largestPayloadBytes + recordOverheadBytes);

/** writev takes at most this many buffers (IOV_MAX on Linux and macOS). */
const mostBuffersAtOnce = 1000;

/**
 * An append-only file of records. Writing is synchronous, so that whatever is appended and flushed before a block is
 * sent outlives this process; it is not forced to the disk, so a crash of the whole machine may take its end away.
 *
 * One segment for now: the file's number leaves room for more.
 */
export class WriteAheadLog implements Disposable {
  readonly path: string;
  readonly #file: number;
  #sizeBytes = 0;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  /** Opens the log in a folder, which is made where it is missing. Call `replay` before anything else. */
  constructor(folder: string) {
    this.path = join(folder, "00000001.log");
    try {
      mkdirSync(folder, { recursive: true });
      this.#file = openSync(this.path, "a+");
    } catch (error) {
      throw new LogError(`cannot be opened: ${describeError(error)}`, { path: this.path, cause: error });
    }
  }

  /** Bytes in the log, those not flushed yet included. */
  get sizeBytes(): number {
    return this.#sizeBytes + this.#pendingBytes;
  }

  /**
   * Reads every record from the beginning and cuts off a torn tail.
   *
   * @param visit gets each record and its offset; the payload is valid during the call only
   * @returns bytes cut off
   */
  replay(visit: (record: LogRecord, offset: number) => void): number {
    const chunk = Buffer.allocUnsafeSlow(replayChunkBytes);
    let offset = 0;
    for (;;) {
      const length = this.#read(chunk, offset);
      const bytes = chunk.subarray(0, length);
      let at = 0;
      for (let record = readRecord(bytes, at); record !== undefined; record = readRecord(bytes, at)) {
        visit(record, offset + at);
        at += recordOverheadBytes + record.payload.length;
      }
      offset += at;
      // A chunk holds any record whole, so that nothing read means nothing sound follows.
      if (at > 0) continue;
      if (length > 0) ftruncateSync(this.#file, offset);
      const torn = length;
      this.#sizeBytes = offset;
      return torn;
    }
  }

  /** Takes a record for the next flush. Returns its offset. */
  append(tag: number, ...parts: readonly Uint8Array[]): number {
    const offset = this.sizeBytes;
    const head = buildRecordHead(tag, parts);
    this.#pending.push(head, ...parts);
    this.#pendingBytes += head.length;
    for (const part of parts) this.#pendingBytes += part.length;
    return offset;
  }

  /**
   * Hands everything appended to the operating system.
   *
   * @throws LogError, for example on a full disk
   */
  flush(): void {
    let buffers = this.#pending;
    this.#pending = [];
    this.#sizeBytes += this.#pendingBytes;
    this.#pendingBytes = 0;
    try {
      while (buffers.length > 0) {
        const some = buffers.slice(0, mostBuffersAtOnce);
        const rest = buffers.slice(mostBuffersAtOnce);
        buffers = [...withoutFirst(some, writevSync(this.#file, some)), ...rest];
      }
    } catch (error) {
      throw new LogError(`cannot be written: ${describeError(error)}`, { path: this.path, cause: error });
    }
  }

  /** The payload of the record at an offset that `append` or `replay` gave; undefined where it cannot be read. */
  read(offset: number): Buffer | undefined {
    if (offset >= this.#sizeBytes) return undefined;
    const head = Buffer.allocUnsafe(recordOverheadBytes);
    if (this.#read(head, offset) < head.length) return undefined;
    const bytes = Buffer.allocUnsafeSlow(8 + Math.min(head.readUInt32BE(0), largestPayloadBytes));
    this.#read(bytes, offset);
    return readRecord(bytes, 0)?.payload;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  /** Reads as much as there is, up to the buffer's length. */
  #read(target: Buffer, offset: number): number {
    let length = 0;
    try {
      while (length < target.length) {
        const more = readSync(this.#file, target, length, target.length - length, offset + length);
        if (more === 0) break;
        length += more;
      }
    } catch (error) {
      throw new LogError(`cannot be read: ${describeError(error)}`, { path: this.path, cause: error });
    }
    return length;
  }
}

/** What is left of the buffers after their first `written` bytes. */
function withoutFirst(buffers: readonly Uint8Array[], written: number): Uint8Array[] {
  let first = 0;
  for (; first < buffers.length; first++) {
    const length = buffers[first]?.length ?? 0;
    if (written < length) break;
    written -= length;
  }
  const [torn, ...rest] = buffers.slice(first);
  return torn === undefined ? [] : [torn.subarray(written), ...rest];
}
