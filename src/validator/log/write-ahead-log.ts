import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Disk, DiskSync, type DiskSyncOptions, systemDisk } from "./disk-sync.ts";
import { attempt, inability, LogError, startOver } from "./error.ts";
import {
  buildRecordHead,
  type LogRecord,
  largestPayloadBytes,
  readRecord,
  recordOverheadBytes,
  recordTags,
  skipUnsound,
} from "./record.ts";
import { Segment } from "./segment.ts";

export interface LogOptions extends Pick<DiskSyncOptions, "sync" | "syncIntervalMs"> {
  /** What was written could not be forced to the disk, at a moment when nobody waited for it. */
  readonly failed: (error: LogError) => void;
  readonly disk?: Disk;
}

type Visit = (record: LogRecord, position: number) => void;

/** How much is read at once when the log is replayed, at most. */
const largestChunkBytes = 2 * (largestPayloadBytes + recordOverheadBytes);

/**
 * An append-only sequence of records, in files that each begin where the one before ends. A record's position is its
 * place in the whole sequence, and stays when the oldest files are gone.
 *
 * Writing is synchronous, so that whatever is appended and flushed before a block is sent outlives this process; when it
 * is forced to the disk, so that it outlives a crash of the machine, `sync` says.
 */
export class WriteAheadLog implements Disposable {
  readonly folder: string;
  readonly #sync: DiskSync;
  readonly #segments: Segment[];
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #hasOwnBlock = false;

  /**
   * Opens the log in a folder, which is made where it is missing.
   *
   * @throws LogError
   */
  constructor(folder: string, options: LogOptions) {
    this.folder = folder;
    this.#sync = new DiskSync({
      disk: systemDisk,
      ...options,
      failed: (cause) => options.failed(inability(folder, "forced to the disk", cause)),
    });
    this.#segments = openSegments(folder);
  }

  /** Positions at which segments begin, ascending. */
  get starts(): readonly number[] {
    return this.#segments.map(({ start }) => start);
  }

  /** Position of the first record there is. */
  get start(): number {
    return this.#segments[0]?.start ?? 0;
  }

  /** Position of the next record. */
  get end(): number {
    return (this.#segments.at(-1)?.end ?? 0) + this.#pendingBytes;
  }

  /** Bytes in the log, those not flushed yet included. */
  get sizeBytes(): number {
    return this.end - this.start;
  }

  /**
   * Reads every record from the beginning, and cuts off a tail that a crash tore. Where sound records follow an unsound
   * one in the last segment, a crash cannot have torn it: these are cut off too, since they may not follow from what
   * stands before them, but are handed over first.
   *
   * @param visit gets each record and its position; the payload is valid during the call only
   * @param visitBehind gets each sound record behind an unsound one likewise
   * @returns bytes that held nothing sound
   * @throws LogError where another segment than the last one is damaged
   */
  replay(visit: Visit, visitBehind: Visit = () => undefined): number {
    const largest = Math.max(0, ...this.#segments.map(({ sizeBytes }) => sizeBytes));
    const chunk = Buffer.allocUnsafeSlow(Math.min(largestChunkBytes, largest));
    for (const segment of this.#segments) {
      const sound = replayRecords(segment, chunk, { from: 0, visit });
      const restBytes = segment.sizeBytes - sound;
      if (restBytes === 0) continue;
      if (segment !== this.#segments.at(-1)) throw damaged(segment.path, `at byte ${sound}`);
      const soundBytes = replayBehind(segment, chunk, { from: sound, visit: visitBehind });
      segment.truncate(sound);
      return restBytes - soundBytes;
    }
    return 0;
  }

  /** Takes a record for the next flush. Returns its position. */
  append(tag: number, ...parts: readonly Uint8Array[]): number {
    const position = this.end;
    const head = buildRecordHead(tag, parts);
    this.#pending.push(head, ...parts);
    this.#pendingBytes += head.length;
    for (const part of parts) this.#pendingBytes += part.length;
    if (tag === recordTags.ownBlock) this.#hasOwnBlock = true;
    return position;
  }

  /**
   * Hands everything appended to the operating system.
   *
   * @throws LogError, for example on a full disk
   */
  flush(): void {
    const segment = this.#segments.at(-1);
    if (this.#pendingBytes === 0 || segment === undefined) return;
    const pending = this.#pending;
    const hasOwnBlock = this.#hasOwnBlock;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#hasOwnBlock = false;
    segment.write(pending);
    attempt(segment.path, "forced to the disk", () => this.#sync.written(segment.file, hasOwnBlock));
  }

  /**
   * Begins a segment: after a crash it is there with all the records that `write` appends, or not at all.
   *
   * @throws LogError
   */
  begin(write: () => void): void {
    this.flush();
    const last = this.#segments.at(-1);
    const segment = Segment.draft(this.folder, this.end);
    this.#segments.push(segment);
    write();
    this.flush();
    if (last !== undefined) this.#settle(last);
    this.#settle(segment);
    segment.publish();
    this.#settleNames();
  }

  /** Forces what was flushed to the disk, unless that is never asked for. */
  settle(): void {
    const last = this.#segments.at(-1);
    if (last !== undefined) this.#settle(last);
  }

  #settle({ path, file }: Pick<Segment, "path" | "file">): void {
    attempt(path, "forced to the disk", () => this.#sync.settle(file));
  }

  /** Deletes the segments that end at or below a position; the last one stays in any case. */
  dropBelow(position: number): void {
    for (;;) {
      const [oldest, next] = this.#segments;
      if (oldest === undefined || next === undefined || next.start > position) return;
      oldest.remove();
      this.#sync.closing(oldest.file, () => oldest.close());
      this.#segments.shift();
    }
  }

  /** The record at a position that `append` or `replay` gave; undefined where it cannot be read. */
  read(position: number): LogRecord | undefined {
    const segment = this.#segments.findLast(({ start }) => start <= position);
    if (segment === undefined || position >= segment.end) return undefined;
    const offset = position - segment.start;
    const head = Buffer.allocUnsafe(recordOverheadBytes);
    if (segment.read(head, offset) < head.length) return undefined;
    const bytes = Buffer.allocUnsafeSlow(8 + Math.min(head.readUInt32BE(0), largestPayloadBytes));
    segment.read(bytes, offset);
    return readRecord(bytes, 0);
  }

  /** What a file is called is part of its folder. */
  #settleNames(): void {
    const path = this.folder;
    const file = attempt(path, "forced to the disk", () => openSync(path, "r"));
    try {
      this.#settle({ path, file });
    } finally {
      closeSync(file);
    }
  }

  /** Closes the files. What was appended and not flushed is gone. */
  [Symbol.dispose](): void {
    this.#sync.stop();
    for (const segment of this.#segments) {
      this.#sync.closing(segment.file, () => segment.close());
    }
  }
}

function openSegments(folder: string): Segment[] {
  const names = attempt(folder, "opened", () => {
    mkdirSync(folder, { recursive: true });
    return readdirSync(folder).sort();
  });
  for (const name of names.filter(Segment.isDraft)) {
    attempt(join(folder, name), "removed", () => rmSync(join(folder, name)));
  }
  const segments = names.flatMap((name) => Segment.open(folder, name) ?? []);
  segments.slice(1).forEach(({ start }, i) => {
    const before = segments[i];
    if (before === undefined || before.end === start) return;
    throw damaged(
      before.path,
      `since it ends at position ${before.end}, and the next file begins at ${start}`,
    );
  });
  return segments;
}

interface ReplayPart {
  /** Offset in the segment. */
  readonly from: number;
  readonly visit: Visit;
}

/** Returns the offset behind the last sound record. */
function replayRecords(segment: Segment, chunk: Buffer, { from, visit }: ReplayPart): number {
  let offset = from;
  for (;;) {
    const bytes = chunk.subarray(0, segment.read(chunk, offset));
    let at = 0;
    for (let record = readRecord(bytes, at); record !== undefined; record = readRecord(bytes, at)) {
      visit(record, segment.start + offset + at);
      at += recordOverheadBytes + record.payload.length;
    }
    // A chunk holds any record whole, so that nothing read means nothing sound follows.
    if (at === 0) return offset;
    offset += at;
  }
}

/** Reads the sound records behind an unsound one. Returns how many bytes they have. */
function replayBehind(segment: Segment, chunk: Buffer, { from, visit }: ReplayPart): number {
  let soundBytes = 0;
  for (let offset = from; ; ) {
    const bytes = chunk.subarray(0, segment.read(chunk, offset));
    const skipped = skipUnsound(bytes);
    if (skipped === undefined) return soundBytes;
    const mended = skipped === 0 ? readRecord(bytes, 0) : undefined;
    if (mended !== undefined) visit(mended, segment.start + offset);
    const begin = offset + skipped + (mended === undefined ? 0 : recordOverheadBytes + mended.payload.length);
    const end = replayRecords(segment, chunk, { from: begin, visit });
    soundBytes += end - offset - skipped;
    offset = end;
  }
}

function damaged(path: string, where: string): LogError {
  return new LogError(path, `it is damaged ${where}, which a crash cannot cause. ${startOver}`);
}
