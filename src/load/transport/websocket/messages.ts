import type { Socket } from "node:net";
import type { Awaited } from "../pool/awaited.ts";
import { SlabBudget } from "../pool/slab-budget.ts";
import type { TransportRequest } from "../transport.ts";
import { buildFrame, frameHead, opcodes } from "./frames.ts";

/** The outgoing messages of one connection. */
export interface Messages {
  /**
   * Makes and writes the messages of the transactions at places `from` up to and without `to`. Places count on and on;
   * the message so many places before, as there may be under way, is overwritten.
   */
  readonly write: (socket: Socket, awaited: Sequences, from: number, to: number) => void;
  /** Nothing is written any more. */
  readonly release: () => void;
}

type Sequences = Pick<Awaited, "at">;

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

  constructor({ frame, patch, places, release }: SlabOptions) {
    this.release = release;
    this.#slab = Buffer.alloc(frame.length * places, frame);
    this.#frameBytes = frame.length;
    this.#places = places;
    this.#patch = patch;
  }

  write(socket: Socket, awaited: Sequences, from: number, to: number): void {
    if (from === to) return;
    const first = from % this.#places;
    for (let place = from, at = first; place < to; place++) {
      this.#patch(this.#slab, at * this.#frameBytes, awaited.at(place));
      at = at + 1 === this.#places ? 0 : at + 1;
    }
    const count = to - from;
    const untilWrap = Math.min(count, this.#places - first);
    if (untilWrap === count) {
      socket.write(this.#frames(first, count));
      return;
    }
    socket.cork();
    socket.write(this.#frames(first, untilWrap));
    socket.write(this.#frames(0, count - untilWrap));
    socket.uncork();
  }

  #frames(from: number, count: number): Buffer {
    return this.#slab.subarray(from * this.#frameBytes, (from + count) * this.#frameBytes);
  }
}

type PatchFrame = (copy: Uint8Array, offset: number, sequence: number) => void;

interface SlabOptions {
  readonly frame: Buffer;
  readonly patch: PatchFrame;
  readonly places: number;
  readonly release: () => void;
}

class LooseMessages implements Messages {
  readonly #body: (sequence: number) => string;

  constructor(body: (sequence: number) => string) {
    this.#body = body;
  }

  write(socket: Socket, awaited: Sequences, from: number, to: number): void {
    if (from === to) return;
    const parts: Buffer[] = [];
    for (let place = from; place < to; place++) {
      const payload = Buffer.from(this.#body(awaited.at(place)));
      parts.push(frameHead(opcodes.text, payload.length), payload);
    }
    socket.write(Buffer.concat(parts));
  }

  release(): void {}
}
