import { fixedBuffer, type Libc } from "./libc.ts";
import { dontWait } from "./numbers.ts";

/** Messages that one call reads. */
const batchLength = 64;
/** Room for each: those of a queue have less than 300 bytes. */
const slotBytes = 512;
/** struct mmsghdr and struct iovec where pointers have 64 bits. */
const messageBytes = 64;
const vectorBytes = 16;

/** Reads many messages of a socket at once: a call for each would be a third of the cost of a packet. */
export class Receiver {
  readonly bytes = fixedBuffer(batchLength * slotBytes);
  readonly #headers = fixedBuffer(batchLength * messageBytes);
  readonly #vectors = fixedBuffer(batchLength * vectorBytes);
  readonly #libc: Libc;
  readonly #at: bigint;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#at = libc.address(this.#headers);
    const [bytesAt, vectorsAt] = [libc.address(this.bytes), libc.address(this.#vectors)];
    for (let i = 0; i < batchLength; i++) {
      this.#vectors.writeBigUInt64LE(bytesAt + BigInt(i * slotBytes), i * vectorBytes);
      this.#vectors.writeBigUInt64LE(BigInt(slotBytes), i * vectorBytes + 8);
      this.#headers.writeBigUInt64LE(vectorsAt + BigInt(i * vectorBytes), i * messageBytes + 16);
      this.#headers.writeBigUInt64LE(1n, i * messageBytes + 24);
    }
  }

  /** How many messages came; does not wait. -1: none, or a failure that the kernel counts. */
  receive(socket: number): number {
    return this.#libc.recvmmsg(socket, this.#at, batchLength, dontWait, null);
  }

  /** Whether more may wait. */
  isFull(count: number): boolean {
    return count === batchLength;
  }

  startOf(index: number): number {
    return index * slotBytes;
  }

  lengthOf(index: number): number {
    return this.#headers.readUInt32LE(index * messageBytes + 56);
  }
}
