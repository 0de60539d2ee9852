import type { Socket } from "node:net";
import type { BodyTemplate, Submission } from "../../../contracts/load/submission.ts";
import { encoderOf, type TransportRequest } from "../transport.ts";
import { type Region, Slabs } from "./slabs.ts";

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
  /** Before a body of so many bytes. @param path of the request, where all do not have the same */
  readonly head: (bodyBytes: number, path: string) => Buffer;
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
  const template = templateOf(request, form);
  const anew = () => new LooseRequests(form, submission, encode);
  if (template === undefined) return anew;
  const shape = new RequestShape(form, template);
  const slabs = new Slabs();
  return (places) => {
    const region = slabs.take(places * shape.full.length);
    return region === undefined ? anew() : new SlabRequests({ shape, places, region, slabs });
  };
}

/** Bodies, and the head before each, as far as what differs has a fixed place; undefined: each is to be made anew. */
interface RequestTemplate extends BodyTemplate {
  /** Of the request of sequence number 0, whose length all of them have. */
  readonly path: string;
}

function templateOf(request: TransportRequest, form: RequestForm): RequestTemplate | undefined {
  const { path, ownPath, method = "POST", template } = request.submission;
  const first = encoderOf(request)(0);
  const body = template?.(first);
  if (body === undefined || ownPath === undefined) return body && { path, ...body };
  const own = ownPath.template(first);
  const firstPath = Buffer.from(own.bytes).toString("latin1");
  // Such requests have one transaction each.
  const fromBody = method.length + 1 - form.head(body.bytes.length, firstPath).length;
  return {
    path: firstPath,
    bytes: body.bytes,
    patch: (copy, offset, sequence) => {
      own.patch(copy, offset + fromBody, sequence);
      body.patch(copy, offset, sequence);
    },
  };
}

/** What requests of any number of transactions look like. */
class RequestShape {
  readonly batchSize: number;
  readonly patch: BodyTemplate["patch"];
  /** A whole one with as many transactions as there may be, behind the longest head. */
  readonly full: Buffer;
  /** Where its body begins. */
  readonly bodyOffset: number;
  readonly openBytes: number;
  readonly close: Buffer;
  /** What stands behind a transaction that is not the last. */
  readonly onward: Buffer;
  readonly #head: (bodyBytes: number) => Buffer;
  /** Of a body, beside its parts. */
  readonly #extraBytes: number;
  readonly #heads: (Buffer | undefined)[] = [];

  constructor({ open, separator, close, batchSize, head }: RequestForm, template: RequestTemplate) {
    this.batchSize = batchSize;
    this.patch = template.patch;
    this.#head = (bodyBytes) => head(bodyBytes, template.path);
    this.openBytes = open.length;
    this.close = Buffer.from(close);
    this.onward = Buffer.concat([Buffer.from(separator), template.bytes]);
    this.#extraBytes = open.length - separator.length + close.length;
    const longest = this.headOf(batchSize);
    this.bodyOffset = longest.length;
    const parts = Buffer.alloc(batchSize * this.onward.length, this.onward).subarray(separator.length);
    this.full = Buffer.concat([longest, Buffer.from(open), parts, this.close]);
  }

  bodyBytes(count: number): number {
    return count * this.onward.length + this.#extraBytes;
  }

  headOf(count: number): Buffer {
    this.#heads[count] ??= this.#head(this.bodyBytes(count));
    return this.#heads[count];
  }
}

interface SlabOptions {
  readonly shape: RequestShape;
  /** Requests that may be under way. */
  readonly places: number;
  readonly region: Region;
  readonly slabs: Slabs;
}

/**
 * All requests of a connection in one piece of memory: a place for each, in it the head, right-aligned, and full bodies.
 * A request with fewer transactions is closed behind the last one, which is mended when more follow there.
 */
class SlabRequests implements Requests {
  readonly #shape: RequestShape;
  readonly #slab: Buffer;
  /** Where its part of the slab begins. */
  readonly #at: number;
  #giveBack: (() => void) | undefined;
  /** Transactions that each place had the last time. */
  readonly #counts: Int32Array;
  /** What is to be written: requests side by side, from `#start` to `#end` (-1: none), and those before them. */
  #start = -1;
  #end = -1;
  readonly #before: Buffer[] = [];
  /** What was written last: on a connection with one request under way always the same. */
  #written: Buffer;
  #writtenStart = -1;
  #writtenEnd = -1;
  /** Of the request that is being made: its place, where its body begins, and where its next transaction goes. */
  #place = 0;
  #body: number;
  #next: number;
  #count = 0;

  constructor({ shape, places, region, slabs }: SlabOptions) {
    this.#shape = shape;
    this.#slab = region.slab;
    this.#at = region.at;
    this.#giveBack = () => slabs.giveBack(region);
    this.#written = region.slab;
    this.#slab.fill(shape.full, region.at, region.at + places * shape.full.length);
    this.#counts = new Int32Array(places).fill(shape.batchSize);
    this.#body = region.at + shape.bodyOffset;
    this.#next = this.#body + shape.openBytes;
  }

  put(sequence: number): void {
    this.#shape.patch(this.#slab, this.#next, sequence);
    this.#next += this.#shape.onward.length;
    this.#count++;
  }

  end(): void {
    const count = this.#count;
    const body = this.#body;
    const before = this.#counts[this.#place] as number;
    if (before !== count) this.#reshape(body, before);
    const start = body - this.#shape.headOf(count).length;
    const end = body + this.#shape.bodyBytes(count);
    if (start !== this.#end) {
      if (this.#end >= 0) this.#before.push(this.#slab.subarray(this.#start, this.#end));
      this.#start = start;
    }
    this.#end = end;
    this.#place = this.#place + 1 === this.#counts.length ? 0 : this.#place + 1;
    const { bodyOffset, openBytes, full } = this.#shape;
    this.#body = this.#place === 0 ? this.#at + bodyOffset : body + full.length;
    this.#next = this.#body + openBytes;
    this.#count = 0;
  }

  flush(socket: Socket): void {
    if (this.#end < 0) return;
    const several = this.#before.length > 0;
    if (several) {
      socket.cork();
      for (const bytes of this.#before.splice(0)) socket.write(bytes);
    }
    if (this.#start !== this.#writtenStart || this.#end !== this.#writtenEnd) {
      this.#written = this.#slab.subarray(this.#start, this.#end);
      this.#writtenStart = this.#start;
      this.#writtenEnd = this.#end;
    }
    socket.write(this.#written);
    if (several) socket.uncork();
    this.#end = -1;
  }

  release(): void {
    this.#giveBack?.();
    this.#giveBack = undefined;
  }

  /** Makes head and end of the place fit; `before` so many transactions had stood there. */
  #reshape(body: number, before: number): void {
    const { batchSize, onward, close } = this.#shape;
    this.#counts[this.#place] = this.#count;
    if (before < batchSize) onward.copy(this.#slab, this.#closeAt(body, before), 0, close.length);
    close.copy(this.#slab, this.#closeAt(body, this.#count));
    const head = this.#shape.headOf(this.#count);
    head.copy(this.#slab, body - head.length);
  }

  #closeAt(body: number, count: number): number {
    return body + this.#shape.bodyBytes(count) - this.#shape.close.length;
  }
}

class LooseRequests implements Requests {
  readonly #form: RequestForm;
  readonly #submission: Submission;
  readonly #encode: (sequence: number) => Uint8Array;
  readonly #parts: string[] = [];
  readonly #pieces: Buffer[] = [];
  #path: string;

  constructor(form: RequestForm, submission: Submission, encode: (sequence: number) => Uint8Array) {
    this.#form = form;
    this.#submission = submission;
    this.#encode = encode;
    this.#path = submission.path;
  }

  put(sequence: number): void {
    const transaction = this.#encode(sequence);
    const { ownPath, body } = this.#submission;
    this.#parts.push(body(transaction, sequence));
    if (ownPath !== undefined) this.#path = ownPath.of(transaction, sequence);
  }

  end(): void {
    const { open, separator, close, head } = this.#form;
    const body = Buffer.from(`${open}${this.#parts.splice(0).join(separator)}${close}`);
    this.#pieces.push(head(body.length, this.#path), body);
  }

  flush(socket: Socket): void {
    if (this.#pieces.length > 0) socket.write(Buffer.concat(this.#pieces.splice(0)));
  }

  release(): void {}
}
