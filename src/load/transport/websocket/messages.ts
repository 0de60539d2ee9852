import type { Socket } from "node:net";
import { SlabBudget } from "../pool/slab-budget.ts";
import type { TransportRequest } from "../transport.ts";
import { buildFrame, frameHead, opcodes } from "./frames.ts";

/** The outgoing messages of one connection. */
export interface Messages {
  /**
   * Makes the message of a transaction.
   *
   * @param place counts on and on; the message so many places before, as there may be under way, is overwritten
   */
  readonly put: (place: number, sequence: number) => void;
  /** Writes what was put since the last time. */
  readonly flush: (socket: Socket) => void;
  /** Nothing is put or written any more. */
  readonly release: () => void;
}

/** How messages are made for a node: patched where the protocol has a template, else each anew. */
export function messageMaker(request: TransportRequest): (places: number) => Messages {
  const { submission, transactions, run, client, seed, transactionSizeBytes } = request;
  const encode = (sequence: number) =>
    transactions.encode({ run, client, sequence }, transactionSizeBytes, seed);
  const makeLoose = () => new LooseMessages((sequence) => submission.body(encode(sequence), sequence));
  const template = submission.template?.(encode(0));
  if (template === undefined) return makeLoose;
  const frame = buildFrame(opcodes.text, template.bytes);
  const headBytes = frame.length - template.bytes.length;
  const patch = (copy: Uint8Array, offset: number, sequence: number) =>
    template.patch(copy, offset + headBytes, sequence);
  const budget = new SlabBudget();
  return (places) => {
    const release = budget.take(frame.length * places);
    return release === undefined ? makeLoose() : new SlabMessages({ frame, patch, places, release });
  };
}

/** All frames of a connection side by side, so that what is due together is one piece of memory, and one write. */
class SlabMessages implements Messages {
  readonly release: () => void;
  readonly #slab: Buffer;
  readonly #frameBytes: number;
  readonly #places: number;
  readonly #patch: PatchFrame;
  #from = 0;
  #to = 0;

  constructor({ frame, patch, places, release }: SlabTerms) {
    this.release = release;
    this.#slab = Buffer.alloc(frame.length * places, frame);
    this.#frameBytes = frame.length;
    this.#places = places;
    this.#patch = patch;
  }

  put(place: number, sequence: number): void {
    this.#patch(this.#slab, (place % this.#places) * this.#frameBytes, sequence);
    this.#to = place + 1;
  }

  flush(socket: Socket): void {
    const from = this.#from % this.#places;
    const count = this.#to - this.#from;
    this.#from = this.#to;
    const untilWrap = Math.min(count, this.#places - from);
    if (untilWrap === count) {
      if (count > 0) socket.write(this.#frames(from, count));
      return;
    }
    socket.cork();
    socket.write(this.#frames(from, untilWrap));
    socket.write(this.#frames(0, count - untilWrap));
    socket.uncork();
  }

  #frames(from: number, count: number): Buffer {
    return this.#slab.subarray(from * this.#frameBytes, (from + count) * this.#frameBytes);
  }
}

type PatchFrame = (copy: Uint8Array, offset: number, sequence: number) => void;

interface SlabTerms {
  readonly frame: Buffer;
  readonly patch: PatchFrame;
  readonly places: number;
  readonly release: () => void;
}

class LooseMessages implements Messages {
  readonly #body: (sequence: number) => string;
  readonly #parts: Buffer[] = [];

  constructor(body: (sequence: number) => string) {
    this.#body = body;
  }

  put(_: number, sequence: number): void {
    const payload = Buffer.from(this.#body(sequence));
    this.#parts.push(frameHead(opcodes.text, payload.length), payload);
  }

  release(): void {}

  flush(socket: Socket): void {
    if (this.#parts.length > 0) socket.write(Buffer.concat(this.#parts.splice(0)));
  }
}
