import type { Socket } from "node:net";
import type { Submission } from "../../../contracts/load/submission.ts";
import { encoderOf, type TransportRequest } from "../transport.ts";
import { type RequestForm, RequestShape, type RequestTemplate } from "./request-shape.ts";
import { type Slab, Slabs } from "./slabs.ts";

/** The outgoing requests (or messages) of one connection, each with some transactions. */
export interface Requests {
  /** Puts a transaction into the request that is being made. */
  readonly put: (sequence: number) => void;
  /** That request is whole. */
  readonly end: () => void;
  /** Writes what was ended since the last time. */
  readonly flush: (socket: Socket) => void;
  /** Nothing is put or written any more. */
  readonly release: () => void;
}

/** Makes the requests of a connection that may have so many under way. */
export type RequestMaker = (places: number) => Requests;

/** How requests are made for a node: patched in place where the protocol has a template, else each anew. */
export function requestMaker(request: TransportRequest, form: RequestForm): RequestMaker {
  const { submission } = request;
  const encode = encoderOf(request);
  const template = templateOf(request, form);
  const anew = () => new LooseRequests(form, submission, encode);
  if (template === undefined) return anew;
  const slabs = new Slabs(new RequestShape(form, template));
  return (places) => new SlabRequests(slabs, places, anew());
}

/** @returns undefined where each is to be made anew */
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

/**
 * Requests are noted first and made when they are written, those of one write side by side in a slab: most writes are
 * one call, and the next one, of whichever connection, works on the same bytes, which are in the processor's cache.
 */
class SlabRequests implements Requests {
  readonly #slabs: Slabs;
  readonly #anew: Requests;
  /** Of which the socket has not let go yet. */
  readonly #held: Slab[] = [];
  /** What was noted since the last write: transactions, and how many of them each request has. */
  readonly #sequences: Float64Array;
  readonly #counts: Int32Array;
  #noted = 0;
  #ended = 0;
  #count = 0;

  /** @param anew makes what no slab is left for */
  constructor(slabs: Slabs, places: number, anew: Requests) {
    this.#slabs = slabs;
    this.#anew = anew;
    this.#sequences = new Float64Array(places * slabs.shape.batchSize);
    this.#counts = new Int32Array(places);
  }

  put(sequence: number): void {
    this.#sequences[this.#noted++] = sequence;
    this.#count++;
  }

  end(): void {
    this.#counts[this.#ended++] = this.#count;
    this.#count = 0;
  }

  flush(socket: Socket): void {
    if (this.#held.length > 0 && socket.writableLength === 0) this.release();
    const [counts, sequences] = [this.#counts, this.#sequences];
    let from = 0;
    for (let request = 0; request < this.#ended; ) {
      const slab = this.#slabs.take();
      if (slab === undefined) {
        this.#flushAnew(request, from, socket);
        break;
      }
      const end = Math.min(request + slab.places, this.#ended);
      for (let place = 0; request < end; place++) {
        const count = counts[request++] as number;
        slab.make(place, { sequences, from, count }, socket);
        from += count;
      }
      slab.flush(socket);
      if (socket.writableLength === 0) this.#slabs.giveBack(slab);
      else this.#held.push(slab);
    }
    this.#noted = 0;
    this.#ended = 0;
  }

  release(): void {
    for (const slab of this.#held.splice(0)) this.#slabs.giveBack(slab);
  }

  #flushAnew(firstRequest: number, firstTransaction: number, socket: Socket): void {
    let transaction = firstTransaction;
    for (const count of this.#counts.subarray(firstRequest, this.#ended)) {
      for (let left = count; left > 0; left--) this.#anew.put(this.#sequences[transaction++] as number);
      this.#anew.end();
    }
    this.#anew.flush(socket);
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
