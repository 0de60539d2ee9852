import type { Socket } from "node:net";
import type { BatchSubmission, BodyTemplate } from "../../../contracts/load/submission.ts";
import { formatAuthority } from "../../../core/address.ts";
import { SlabBudget } from "../pool/slab-budget.ts";
import type { TransportRequest } from "../transport.ts";

/** The outgoing requests of one connection, each with several transactions. */
export interface Requests {
  /** Puts a transaction into the request that is being made. */
  readonly put: (sequence: number) => void;
  /** That request is whole. The one so many before, as there may be under way, is overwritten. */
  readonly end: () => void;
  /** Writes what was ended since the last time. */
  readonly flush: (socket: Socket) => void;
  /** Nothing is put or written any more. */
  readonly release: () => void;
}

export interface RequestMaker {
  /** Most transactions in one request: as asked, or as many as a body may hold. */
  readonly batchSize: number;
  readonly make: (places: number) => Requests;
}

/** How requests are made for a node: patched where the protocol has a template, else each anew. */
export function requestMaker(request: TransportRequest, batch: BatchSubmission): RequestMaker {
  const { submission, transactions, run, client, seed, transactionSizeBytes, plan } = request;
  const encode = (sequence: number) =>
    transactions.encode({ run, client, sequence }, transactionSizeBytes, seed);
  const body = (sequence: number) => submission.body(encode(sequence), sequence);
  const template = submission.template?.(encode(0));
  const partBytes = template?.bytes.length ?? Buffer.byteLength(body(0));
  const betweenBytes = batch.separator.length;
  const freeBytes = batch.largestBodyBytes - batch.open.length - batch.close.length + betweenBytes;
  const batchSize = Math.max(1, Math.min(plan.batchSize, Math.floor(freeBytes / (partBytes + betweenBytes))));
  const head = headMaker(request);
  const budget = new SlabBudget();
  const make = (places: number): Requests => {
    const release = template && budget.take(places * batchSize * (partBytes + betweenBytes));
    if (template === undefined || release === undefined) return new LooseRequests(batch, body, head);
    return new SlabRequests({ batch, template, head, batchSize, places, release });
  };
  return { batchSize, make };
}

type HeadOf = (bodyBytes: number) => Buffer;

function headMaker({ rpc, submission }: TransportRequest): HeadOf {
  const fields = Object.entries({ host: formatAuthority(rpc), ...submission.headers });
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const { method = "POST", path } = submission;
  const start = `${method} ${path} HTTP/1.1\r\n${lines}content-length: `;
  return (bodyBytes) => Buffer.from(`${start}${bodyBytes}\r\n\r\n`, "latin1");
}

interface SlabOptions {
  readonly batch: BatchSubmission;
  readonly template: BodyTemplate;
  readonly head: HeadOf;
  readonly batchSize: number;
  /** Requests that may be under way. */
  readonly places: number;
  readonly release: () => void;
}

/**
 * All requests of a connection in one piece of memory: a place for each, in it the head, right-aligned, and full bodies.
 * A request with fewer transactions is closed behind the last one, which is mended when more follow there.
 */
class SlabRequests implements Requests {
  readonly release: () => void;
  readonly #options: SlabOptions;
  readonly #slab: Buffer;
  readonly #strideBytes: number;
  /** Behind the longest head. */
  readonly #bodyOffset: number;
  readonly #partBytes: number;
  readonly #close: Buffer;
  /** What stands behind a transaction that is not the last. */
  readonly #onward: Buffer;
  readonly #heads: (Buffer | undefined)[] = [];
  /** Transactions that each place had the last time. */
  readonly #counts: Int32Array;
  /** First and last byte, in turn, of what is to be written. */
  readonly #ranges: number[] = [];
  #place = 0;
  #count = 0;

  constructor(options: SlabOptions) {
    this.#options = options;
    this.release = options.release;
    const { batch, template, batchSize, places } = options;
    this.#close = Buffer.from(batch.close);
    this.#onward = Buffer.concat([Buffer.from(batch.separator), template.bytes]);
    this.#partBytes = this.#onward.length;
    this.#bodyOffset = options.head(this.#bodyBytes(batchSize)).length;
    const parts = Buffer.alloc(batchSize * this.#partBytes, this.#onward).subarray(batch.separator.length);
    const bytes = [Buffer.from(batch.open), parts, this.#close];
    const whole = Buffer.concat([Buffer.alloc(this.#bodyOffset), ...bytes]);
    this.#strideBytes = whole.length;
    this.#slab = Buffer.alloc(whole.length * places, whole);
    this.#counts = new Int32Array(places);
  }

  put(sequence: number): void {
    const { batch, template } = this.#options;
    const body = this.#place * this.#strideBytes + this.#bodyOffset;
    template.patch(this.#slab, body + batch.open.length + this.#count * this.#partBytes, sequence);
    this.#count++;
  }

  end(): void {
    const place = this.#place;
    const count = this.#count;
    const body = place * this.#strideBytes + this.#bodyOffset;
    if (this.#counts[place] !== count) this.#reshape(body, this.#counts[place] as number);
    this.#counts[place] = count;
    const start = body - this.#headOf(count).length;
    const end = body + this.#bodyBytes(count);
    if (this.#ranges.at(-1) === start) this.#ranges[this.#ranges.length - 1] = end;
    else this.#ranges.push(start, end);
    this.#place = (place + 1) % this.#options.places;
    this.#count = 0;
  }

  flush(socket: Socket): void {
    const several = this.#ranges.length > 2;
    if (several) socket.cork();
    for (let index = 0; index < this.#ranges.length; index += 2) {
      socket.write(this.#slab.subarray(this.#ranges[index], this.#ranges[index + 1]));
    }
    if (several) socket.uncork();
    this.#ranges.length = 0;
  }

  /** Makes head and end of the place fit; `before` so many transactions had stood there. */
  #reshape(body: number, before: number): void {
    if (before > 0 && before < this.#options.batchSize) {
      this.#onward.copy(this.#slab, this.#closeAt(body, before), 0, this.#close.length);
    }
    this.#close.copy(this.#slab, this.#closeAt(body, this.#count));
    const head = this.#headOf(this.#count);
    head.copy(this.#slab, body - head.length);
  }

  #closeAt(body: number, count: number): number {
    return body + this.#bodyBytes(count) - this.#close.length;
  }

  #bodyBytes(count: number): number {
    const { batch } = this.#options;
    return batch.open.length + count * this.#partBytes - batch.separator.length + batch.close.length;
  }

  #headOf(count: number): Buffer {
    this.#heads[count] ??= this.#options.head(this.#bodyBytes(count));
    return this.#heads[count];
  }
}

class LooseRequests implements Requests {
  readonly #batch: BatchSubmission;
  readonly #body: (sequence: number) => string;
  readonly #head: HeadOf;
  readonly #parts: string[] = [];
  readonly #pieces: Buffer[] = [];

  constructor(batch: BatchSubmission, body: (sequence: number) => string, head: HeadOf) {
    this.#batch = batch;
    this.#body = body;
    this.#head = head;
  }

  put(sequence: number): void {
    this.#parts.push(this.#body(sequence));
  }

  release(): void {}

  end(): void {
    const { open, separator, close } = this.#batch;
    const body = Buffer.from(`${open}${this.#parts.splice(0).join(separator)}${close}`);
    this.#pieces.push(this.#head(body.length), body);
  }

  flush(socket: Socket): void {
    if (this.#pieces.length > 0) socket.write(Buffer.concat(this.#pieces.splice(0)));
  }
}
