import { fixedBuffer, type Libc } from "./libc.ts";
import { closeOnExec, nonBlocking } from "./numbers.ts";

const readable = 1;
/** struct pollfd. */
const entryBytes = 8;

/** Waits for several sockets, for a byte from another thread, and for a moment, to the nanosecond. */
export class Poller {
  /** A byte written there ends the wait. */
  readonly wakeDescriptor: number;
  readonly #libc: Libc;
  readonly #timeout = fixedBuffer(16);
  readonly #wakes = fixedBuffer(64);
  readonly #wake: number;
  #all = entriesOf([]);
  #urgent = entriesOf([]);

  constructor(libc: Libc) {
    this.#libc = libc;
    const ends = fixedBuffer(8);
    libc.check(libc.pipe2(ends, nonBlocking | closeOnExec), "make a pipe");
    this.#wake = ends.readInt32LE(0);
    this.wakeDescriptor = ends.readInt32LE(4);
    this.watch([], []);
  }

  /** From now on waits for these sockets; while there is something else to wait for, for the urgent ones only. */
  watch(sockets: readonly number[], urgent: readonly number[]): void {
    this.#all = entriesOf([...sockets, this.#wake]);
    this.#urgent = entriesOf([...urgent, this.#wake]);
  }

  /** Not at all where the time is 0 or less. @returns whether a byte came */
  wait(timeoutMs: number): boolean {
    return this.#poll(this.#all, timeoutMs);
  }

  /** The same, but packets that are not urgent do not end the wait; which sockets are readable is not known after it. */
  waitUrgent(timeoutMs: number): boolean {
    return this.#poll(this.#urgent, timeoutMs);
  }

  get hasUrgent(): boolean {
    return this.#urgent.length > entryBytes;
  }

  #poll(entries: Buffer, timeoutMs: number): boolean {
    const timeoutNs = Math.max(0, Math.round(timeoutMs * 1e6));
    const seconds = Math.floor(timeoutNs / 1e9);
    this.#timeout.writeUInt32LE(seconds, 0);
    this.#timeout.writeUInt32LE(timeoutNs - seconds * 1e9, 8);
    const count = entries.length / entryBytes;
    const ready = this.#libc.ppoll(entries, count, this.#timeout, null);
    // After a signal the kernel leaves them as they were.
    if (ready < 0) for (let i = 0; i < count; i++) entries.writeInt16LE(0, i * entryBytes + 6);
    if (entries.readInt16LE(entries.length - 2) === 0) return false;
    this.#libc.read(this.#wake, this.#wakes, this.#wakes.length);
    return true;
  }

  /** Of `sockets`. */
  isReadable(index: number): boolean {
    return this.#all.readInt16LE(index * entryBytes + 6) !== 0;
  }

  close(): void {
    this.#libc.close(this.#wake);
    this.#libc.close(this.wakeDescriptor);
  }
}

function entriesOf(descriptors: readonly number[]): Buffer {
  const entries = fixedBuffer(descriptors.length * entryBytes);
  for (const [i, descriptor] of descriptors.entries()) {
    entries.writeInt32LE(descriptor, i * entryBytes);
    entries.writeInt16LE(readable, i * entryBytes + 4);
  }
  return entries;
}
