import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { ShaperError } from "../error.ts";
import { fixedBuffer, type Libc } from "./libc.ts";
import { bindMessages, emptyPacket, readMessage, verdictBytes, writeVerdict } from "./messages.ts";
import { closeOnExec, forceReceiveBuffer, socketLevel } from "./numbers.ts";
import type { Receiver } from "./receiver.ts";

const netlinkFamily = 16;
const rawSocket = 3;
const netfilterProtocol = 12;
const netlinkLevel = 270;
const noBufferErrors = 5;
const receiveBufferBytes = 8 * 1024 * 1024;
const busy = 16;
const forbidden = 1;
/** Verdicts that one call sends. */
const batchLength = 64;

export interface KernelDrops {
  /** The kernel's queue was full. */
  readonly queueDropped: number;
  /** The socket's buffer was full. */
  readonly userDropped: number;
}

/** A netfilter queue of the network namespace in which the thread is when it is made. */
export class KernelQueue {
  readonly socket: number;
  readonly #libc: Libc;
  readonly #queue: number;
  readonly #verdicts = fixedBuffer(batchLength * verdictBytes);
  #waiting = 0;
  /** The file shows the namespace in which it was opened. */
  readonly #counters: number;
  readonly #text = Buffer.alloc(4096);

  /** @throws ShaperError where the kernel is in the way */
  constructor(libc: Libc, queue: number) {
    this.#libc = libc;
    this.#queue = queue;
    const what = "open a netlink socket of netfilter";
    this.socket = libc.check(libc.socket(netlinkFamily, rawSocket | closeOnExec, netfilterProtocol), what);
    this.#counters = openCounters();
    for (let i = 0; i < batchLength; i++)
      writeVerdict(this.#verdicts, i * verdictBytes, { queue, packet: 0, verdict: 0 });
  }

  /** Takes the queue: from now on its packets wait for verdicts. */
  bind(receiver: Receiver): void {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(receiveBufferBytes);
    this.#libc.check(
      this.#libc.setsockopt(this.socket, socketLevel, forceReceiveBuffer, size, 4),
      "enlarge the buffer of the netlink socket",
    );
    size.writeUInt32LE(1);
    this.#libc.check(
      this.#libc.setsockopt(this.socket, netlinkLevel, noBufferErrors, size, 4),
      "switch off errors of full netlink buffers",
    );
    for (const message of bindMessages(this.#queue)) {
      this.#libc.check(this.#libc.send(this.socket, message, message.length, 0), "write to netfilter");
      this.#expectDone(receiver);
    }
  }

  /** Answers come at once, before any packet: packets come only once the copy mode is set. */
  #expectDone(receiver: Receiver): void {
    const count = receiver.receive(this.socket);
    const packet = emptyPacket();
    for (let i = 0; i < count; i++) {
      const error = readMessage(receiver.bytes, receiver.startOf(i), receiver.lengthOf(i), packet);
      if (error === 0) return;
      const isTaken = error === busy || error === forbidden;
      const why = isTaken ? "another program has it, or root is missing" : `error ${error}`;
      if (typeof error === "number")
        throw new ShaperError(`Cannot take netfilter queue ${this.#queue}: ${why}.`);
    }
    throw new ShaperError(`Cannot take netfilter queue ${this.#queue}: the kernel does not answer.`);
  }

  /** Adds a verdict. @returns whether it must be sent now, since no more has room */
  add(packet: number, verdict: number): boolean {
    const at = this.#waiting++ * verdictBytes;
    this.#verdicts.writeUInt32BE(verdict, at + verdictBytes - 8);
    this.#verdicts.writeUInt32BE(packet, at + verdictBytes - 4);
    return this.#waiting === batchLength;
  }

  /** Sends what was added. The kernel moves these packets on before this returns. */
  flush(): void {
    if (this.#waiting === 0) return;
    const length = this.#waiting * verdictBytes;
    this.#waiting = 0;
    this.#libc.check(this.#libc.send(this.socket, this.#verdicts, length, 0), "send verdicts to netfilter");
  }

  /** What the kernel dropped since the start. */
  drops(): KernelDrops {
    const length = readSync(this.#counters, this.#text, 0, this.#text.length, 0);
    return parseDrops(this.#text.toString("latin1", 0, length), this.#queue);
  }

  close(): void {
    this.#libc.close(this.socket);
    closeSync(this.#counters);
  }
}

const countersPath = "/proc/thread-self/net/netfilter/nfnetlink_queue";

function openCounters(): number {
  try {
    return openSync(countersPath, "r");
  } catch (cause) {
    throw new ShaperError("This kernel has no netfilter queues (NFQUEUE). Load the module nfnetlink_queue.", {
      cause,
    });
  }
}

/** The process that holds a queue of the namespace in which the thread is; undefined: none, or no kernel with queues. */
export function queueOwner(queue: number): number | undefined {
  try {
    return rowOf(readFileSync(countersPath, "latin1"), queue)?.[1];
  } catch {
    return undefined;
  }
}

export function parseDrops(text: string, queue: number): KernelDrops {
  const [, , , , , queueDropped = 0, userDropped = 0] = rowOf(text, queue) ?? [];
  return { queueDropped, userDropped };
}

/** Columns: queue, port, waiting, copy mode, copy range, dropped by the queue, dropped by the socket, … */
const rowOf = (text: string, queue: number): readonly number[] | undefined =>
  text
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .find(([number]) => number === queue);
