import type { Socket } from "node:net";
import type { BodyTemplate } from "../../../contracts/load/submission.ts";
import { encoderOf, type TransportRequest } from "../transport.ts";

/** Far more than a usual run's connections need together. */
const mostSlabBytes = 64 * 2 ** 20;

/** The outgoing requests (or messages) of one connection, each with some transactions. */
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

/** What stands around and between the transactions of one request. Texts are ASCII. */
export interface RequestForm {
  /** Before a body of so many bytes. */
  readonly head: (bodyBytes: number) => Buffer;
  readonly open: string;
  readonly separator: string;
  readonly close: string;
  /** Most transactions in one request. */
  readonly batchSize: number;
}

/** Makes the requests of a connection that may have so many under way. */
export type RequestMaker = (places: number) => Requests;

/**
 * How requests are made for a node: patched in place where the protocol has a template, else each anew. Connections for
 * which there is no memory left make theirs anew too, which costs more time and keeps nothing.
 */
export function requestMaker(request: TransportRequest, form: RequestForm): RequestMaker {
  const { submission } = request;
  const encode = encoderOf(request);
  const template = submission.template?.(encode(0));
  let leftBytes = mostSlabBytes;
  return (places) => {
    const partBytes = form.separator.length + (template?.bytes.length ?? 0);
    const slabBytes = places * form.batchSize * partBytes;
    if (template === undefined || slabBytes > leftBytes) {
      return new LooseRequests(form, (sequence) => submission.body(encode(sequence), sequence));
    }
    leftBytes -= slabBytes;
    let isTaken = true;
    const release = () => {
      if (isTaken) leftBytes += slabBytes;
      isTaken = false;
    };
    return new SlabRequests({ form, template, places, release });
  };
}

interface SlabOptions {
  readonly form: RequestForm;
  readonly template: BodyTemplate;
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
  readonly #form: RequestForm;
  readonly #patch: BodyTemplate["patch"];
  readonly #slab: Buffer;
  readonly #strideBytes: number;
  /** Behind the longest head. */
  readonly #bodyOffset: number;
  readonly #openBytes: number;
  readonly #partBytes: number;
  /** Of a body, beside its parts. */
  readonly #extraBytes: number;
  readonly #close: Buffer;
  /** What stands behind a transaction that is not the last. */
  readonly #onward: Buffer;
  readonly #heads: (Buffer | undefined)[] = [];
  /** Transactions that each place had the last time. */
  readonly #counts: Int32Array;
  /** What is to be written: requests side by side, from `#start` to `#end` (-1: none), and those before them. */
  #start = -1;
  #end = -1;
  readonly #before: Buffer[] = [];
  /** What was worked out for as many transactions as the last request had. */
  #lastCount = -1;
  #lastHeadBytes = 0;
  #lastBodyBytes = 0;
  /** Of the request that is being made: its place, where its body begins, and where its next transaction goes. */
  #place = 0;
  #body: number;
  #next: number;
  #count = 0;

  constructor({ form, template, places, release }: SlabOptions) {
    this.#form = form;
    this.#patch = template.patch;
    this.release = release;
    const { open, separator, close, batchSize } = form;
    this.#close = Buffer.from(close);
    this.#onward = Buffer.concat([Buffer.from(separator), template.bytes]);
    this.#partBytes = this.#onward.length;
    this.#openBytes = open.length;
    this.#extraBytes = open.length - separator.length + close.length;
    this.#bodyOffset = form.head(this.#bodyBytes(batchSize)).length;
    const parts = Buffer.alloc(batchSize * this.#partBytes, this.#onward).subarray(separator.length);
    const bytes = [Buffer.from(open), parts, this.#close];
    const whole = Buffer.concat([Buffer.alloc(this.#bodyOffset), ...bytes]);
    this.#strideBytes = whole.length;
    this.#slab = Buffer.alloc(whole.length * places, whole);
    this.#counts = new Int32Array(places);
    this.#body = this.#bodyOffset;
    this.#next = this.#body + this.#openBytes;
  }

  put(sequence: number): void {
    this.#patch(this.#slab, this.#next, sequence);
    this.#next += this.#partBytes;
    this.#count++;
  }

  end(): void {
    const count = this.#count;
    const body = this.#body;
    const before = this.#counts[this.#place] as number;
    if (before !== count) this.#reshape(body, before);
    if (count !== this.#lastCount) this.#measure(count);
    const start = body - this.#lastHeadBytes;
    const end = body + this.#lastBodyBytes;
    if (start !== this.#end) {
      if (this.#end >= 0) this.#before.push(this.#slab.subarray(this.#start, this.#end));
      this.#start = start;
    }
    this.#end = end;
    this.#place = this.#place + 1 === this.#counts.length ? 0 : this.#place + 1;
    this.#body = this.#place === 0 ? this.#bodyOffset : body + this.#strideBytes;
    this.#next = this.#body + this.#openBytes;
    this.#count = 0;
  }

  flush(socket: Socket): void {
    if (this.#end < 0) return;
    const several = this.#before.length > 0;
    if (several) {
      socket.cork();
      for (const bytes of this.#before.splice(0)) socket.write(bytes);
    }
    socket.write(this.#slab.subarray(this.#start, this.#end));
    if (several) socket.uncork();
    this.#end = -1;
  }

  #measure(count: number): void {
    this.#lastCount = count;
    this.#lastHeadBytes = this.#headOf(count).length;
    this.#lastBodyBytes = this.#bodyBytes(count);
  }

  /** Makes head and end of the place fit; `before` so many transactions had stood there. */
  #reshape(body: number, before: number): void {
    this.#counts[this.#place] = this.#count;
    if (before > 0 && before < this.#form.batchSize) {
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
    return count * this.#partBytes + this.#extraBytes;
  }

  #headOf(count: number): Buffer {
    this.#heads[count] ??= this.#form.head(this.#bodyBytes(count));
    return this.#heads[count];
  }
}

class LooseRequests implements Requests {
  readonly #form: RequestForm;
  readonly #body: (sequence: number) => string;
  readonly #parts: string[] = [];
  readonly #pieces: Buffer[] = [];

  constructor(form: RequestForm, body: (sequence: number) => string) {
    this.#form = form;
    this.#body = body;
  }

  put(sequence: number): void {
    this.#parts.push(this.#body(sequence));
  }

  end(): void {
    const { open, separator, close, head } = this.#form;
    const body = Buffer.from(`${open}${this.#parts.splice(0).join(separator)}${close}`);
    this.#pieces.push(head(body.length), body);
  }

  flush(socket: Socket): void {
    if (this.#pieces.length > 0) socket.write(Buffer.concat(this.#pieces.splice(0)));
  }

  release(): void {}
}
