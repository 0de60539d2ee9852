import { openBundleFile } from "../../results/bundle/files/bundle-file.ts";

/** The longest line that is read; a longer one is no event. */
const longestLineBytes = 1024 * 1024;
const chunkBytes = 1024 * 1024;
const newline = 0x0a;

export interface TailedLine {
  /** Without its line break; undefined for one that is too long. */
  readonly text: string | undefined;
  /** Of the first byte behind it. */
  readonly endOffset: number;
}

/** Reads a file that grows, from its beginning: whole lines only, each once. Memory is bounded whatever it holds. */
export class LineTail {
  readonly #path: string;
  readonly #folder: string;
  /** Up to where it was read. */
  #offset = 0;
  /** What was read of a line whose end is still to come. */
  #rest: Buffer = Buffer.alloc(0);
  #isTooLong = false;

  /** @param folder the bundle's, of which the file is one */
  constructor(path: string, folder: string) {
    this.#path = path;
    this.#folder = folder;
  }

  /**
   * Lines that came since the last look, a chunk's at a time.
   *
   * @param onShrunk called where the file is shorter than what was read of it, as after a repair: it is read anew
   * @throws BundleReadError where it cannot be read
   */
  async *read(onShrunk: () => void): AsyncGenerator<readonly TailedLine[]> {
    await using file = await openBundleFile(this.#path, this.#folder);
    const { size } = await file.stat();
    if (size < this.#offset) {
      this.#offset = 0;
      this.#rest = Buffer.alloc(0);
      this.#isTooLong = false;
      onShrunk();
    }
    while (this.#offset < size) {
      const wanted = Math.min(chunkBytes, size - this.#offset);
      const { bytesRead, buffer } = await file.read(Buffer.alloc(wanted), 0, wanted, this.#offset);
      if (bytesRead === 0) return;
      const lines = this.#split(buffer.subarray(0, bytesRead));
      if (lines.length > 0) yield lines;
    }
  }

  #split(chunk: Buffer): TailedLine[] {
    const lines: TailedLine[] = [];
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const bytes = Buffer.concat([this.#rest, chunk.subarray(from, end)]);
      const isLine = !this.#isTooLong && bytes.length <= longestLineBytes;
      const endOffset = this.#offset + end + 1;
      lines.push({ text: isLine ? bytes.toString() : undefined, endOffset });
      this.#rest = Buffer.alloc(0);
      this.#isTooLong = false;
      from = end + 1;
    }
    const rest = Buffer.concat([this.#rest, chunk.subarray(from)]);
    this.#isTooLong ||= rest.length > longestLineBytes;
    this.#rest = this.#isTooLong ? Buffer.alloc(0) : rest;
    this.#offset += chunk.length;
    return lines;
  }
}
