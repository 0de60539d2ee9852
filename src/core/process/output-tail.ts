/** Shorter chunks are put together: thousands of single bytes would cost a hundred times their size. */
const pageBytes = 16 * 1024;

/** The last bytes of an output: so many at most. */
export class OutputTail {
  overflowed = false;
  private readonly limitBytes: number;
  private chunks: Buffer[] = [];
  private sizeBytes = 0;
  private page = Buffer.alloc(0);
  /** How much of the page, which is the last chunk, is taken. */
  private pageUsed = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  push(chunk: Buffer): void {
    this.add(chunk);
    this.sizeBytes += chunk.length;
    if (this.sizeBytes <= this.limitBytes) return;
    this.overflowed = true;
    // Rarely, so that long output costs no more than short.
    if (this.sizeBytes > 2 * this.limitBytes) this.keep(this.last());
  }

  text(): string {
    return this.last().toString("utf8");
  }

  last(): Buffer {
    const all = Buffer.concat(this.chunks);
    return all.subarray(Math.max(0, all.length - this.limitBytes));
  }

  private add(chunk: Buffer): void {
    if (chunk.length >= pageBytes) {
      this.chunks.push(chunk);
      this.page = Buffer.alloc(0);
      return;
    }
    const isNew = this.pageUsed + chunk.length > this.page.length;
    if (isNew) {
      this.page = Buffer.alloc(pageBytes);
      this.pageUsed = 0;
    }
    this.pageUsed += chunk.copy(this.page, this.pageUsed);
    const filled = this.page.subarray(0, this.pageUsed);
    if (isNew) this.chunks.push(filled);
    else this.chunks[this.chunks.length - 1] = filled;
  }

  private keep(bytes: Buffer): void {
    this.page = Buffer.alloc(0);
    this.chunks = [Buffer.from(bytes)];
    this.sizeBytes = bytes.length;
  }
}
