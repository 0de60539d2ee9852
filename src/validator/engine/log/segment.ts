import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writevSync,
} from "node:fs";
import { join } from "node:path";
import { attempt } from "./error.ts";

/** writev takes at most this many buffers (IOV_MAX on Linux and macOS). */
const mostBuffersAtOnce = 1000;

const suffix = ".log";
/** Ends the name of a segment whose first records are not all there yet. */
const draftSuffix = ".log.new";

/** One file of the log; its name is the position of its first byte in the whole log. */
export class Segment {
  readonly start: number;
  #path: string;
  #file: number;
  #sizeBytes: number;

  private constructor(path: string, start: number, flags: string) {
    this.start = start;
    this.#path = path;
    this.#file = attempt(path, "opened", () => openSync(path, flags));
    this.#sizeBytes = attempt(path, "read", () => fstatSync(this.#file).size);
  }

  /** Opens what a file's name says to be a segment; undefined for any other name. */
  static open(folder: string, name: string): Segment | undefined {
    const [, start] = /^(\d{20})\.log$/.exec(name) ?? [];
    return start === undefined ? undefined : new Segment(join(folder, name), Number(start), "r+");
  }

  /** Whether a file's name is that of a segment that was never published. */
  static isDraft(name: string): boolean {
    return name.endsWith(draftSuffix);
  }

  /** Begins a segment under a name that does not count yet. */
  static draft(folder: string, start: number): Segment {
    return new Segment(join(folder, `${String(start).padStart(20, "0")}${draftSuffix}`), start, "wx+");
  }

  get path(): string {
    return this.#path;
  }

  /** File descriptor; -1 once it is closed. */
  get file(): number {
    return this.#file;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Position behind the last byte. */
  get end(): number {
    return this.start + this.#sizeBytes;
  }

  write(bytes: readonly Uint8Array[]): void {
    let buffers = bytes;
    while (buffers.length > 0) {
      const some = buffers.slice(0, mostBuffersAtOnce);
      const written = attempt(this.#path, "written", () => writevSync(this.#file, some, this.#sizeBytes));
      this.#sizeBytes += written;
      buffers = [...withoutFirst(some, written), ...buffers.slice(mostBuffersAtOnce)];
    }
  }

  /** Reads from an offset in the file as much as there is, up to the buffer's length. Returns how much. */
  read(target: Buffer, offset: number): number {
    return attempt(this.#path, "read", () => {
      let length = 0;
      while (length < target.length) {
        const more = readSync(this.#file, target, length, target.length - length, offset + length);
        if (more === 0) break;
        length += more;
      }
      return length;
    });
  }

  /** Cuts off what stands from an offset on. */
  truncate(offset: number): void {
    attempt(this.#path, "truncated", () => ftruncateSync(this.#file, offset));
    this.#sizeBytes = offset;
  }

  /** Gives a draft the name under which it counts. */
  publish(): void {
    const path = `${this.#path.slice(0, -draftSuffix.length)}${suffix}`;
    attempt(this.#path, "renamed", () => renameSync(this.#path, path));
    this.#path = path;
  }

  /** Takes the file out of the folder; it stays open. */
  remove(): void {
    attempt(this.#path, "removed", () => rmSync(this.#path, { force: true }));
  }

  close(): void {
    if (this.#file >= 0) closeSync(this.#file);
    // Whoever reads on gets an error, and not another file.
    this.#file = -1;
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
