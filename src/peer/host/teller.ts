/** What a host tells: its events, in a file before anybody else can know of them. */
import {
  batchMs,
  type FlowEvent,
  type FlowWay,
  mostPacketsInBatch,
} from "../../contracts/load/flow-events.ts";
import { LineLog } from "../../core/documents/line-log.ts";
import { preciseNow } from "../journal.ts";

export class Teller implements Disposable {
  readonly #log: LineLog;
  readonly #batches = new Set<{ readonly flush: () => void }>();
  readonly #timer: NodeJS.Timeout;

  constructor(path: string) {
    this.#log = new LineLog(path);
    this.#timer = setInterval(() => this.#flush(), batchMs);
  }

  /** Length of all that was told, bytes. */
  get bytes(): number {
    return this.#log.bytes;
  }

  tell(event: FlowEvent): void {
    this.#log.append(`${JSON.stringify(event)}\n`);
  }

  /** Whole lines from a byte on; empty where there are no more. */
  read(fromByte: number, mostBytes: number): Buffer {
    return this.#log.read(fromByte, mostBytes);
  }

  /** Packets that a sender of a flow hands to its socket, told in batches. */
  sentOf(flow: string, size: number): SentBatch {
    return this.#add(new SentBatch({ flow, size, tell: (event) => this.tell(event) }));
  }

  /** Packets that arrive. */
  receivedOf(flow: string, way: FlowWay, size: number): ReceivedBatch {
    return this.#add(new ReceivedBatch({ flow, way, size, tell: (event) => this.tell(event) }));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#flush();
    this.#log[Symbol.dispose]();
  }

  #add<B extends { readonly flush: () => void }>(batch: B): B {
    this.#batches.add(batch);
    return batch;
  }

  #flush(): void {
    for (const batch of this.#batches) batch.flush();
  }
}

interface BatchOptions {
  readonly flow: string;
  readonly size: number;
  readonly tell: (event: FlowEvent) => void;
}

const micros = (ms: number) => Math.round(ms * 1000);

class SentBatch {
  readonly #options: BatchOptions;
  #at = 0;
  #first = 0;
  #size = 0;
  #us: number[] = [];
  #lateUs: number[] = [];
  #refused: number[] = [];

  constructor(options: BatchOptions) {
    this.#options = options;
  }

  /**
   * @param lateMs since its schedule said so; undefined: it has no schedule
   * @param own when it was sent, and its payload, if that is not now, and not as of the others
   */
  add(
    sequence: number,
    lateMs: number | undefined,
    {
      at = preciseNow(),
      size = this.#options.size,
    }: { readonly at?: number | undefined; readonly size?: number | undefined } = {},
  ): void {
    const isLike = size === this.#size && (lateMs !== undefined) === this.#lateUs.length > 0;
    const isNext = isLike && sequence === this.#first + this.#us.length && at >= this.#at;
    if (!isNext) this.flush();
    if (this.#us.length === 0) {
      this.#at = at;
      this.#first = sequence;
      this.#size = size;
    }
    this.#us.push(micros(at - this.#at));
    if (lateMs !== undefined) this.#lateUs.push(Math.max(0, micros(lateMs)));
    if (this.#us.length >= mostPacketsInBatch) this.flush();
  }

  /** The socket did not take one that was added. */
  refuse(sequence: number): void {
    this.#refused.push(sequence);
  }

  flush(): void {
    const { flow, tell } = this.#options;
    if (this.#us.length === 0) return;
    const [us, lateUs, first, size] = [this.#us, this.#lateUs, this.#first, this.#size];
    // What a socket refuses it may say a moment later.
    const refused = this.#refused.filter((sequence) => sequence < first + us.length);
    this.#refused = this.#refused.filter((sequence) => sequence >= first + us.length);
    [this.#us, this.#lateUs] = [[], []];
    tell({
      ...{ type: "sent", at: this.#at, flow, first, us, size },
      ...(lateUs.length === us.length ? { lateUs } : {}),
      ...(refused.length > 0 ? { refused } : {}),
    });
  }
}

class ReceivedBatch {
  readonly #options: BatchOptions & { readonly way: FlowWay };
  #at = 0;
  #packets: [number, number, number][] = [];

  constructor(options: BatchOptions & { readonly way: FlowWay }) {
    this.#options = options;
  }

  /** @param at when it arrived */
  add(sequence: number, sentAtMs: number, at = preciseNow()): void {
    if (at < this.#at) this.flush();
    if (this.#packets.length === 0) this.#at = at;
    this.#packets.push([sequence, micros(at - this.#at), sentAtMs]);
    if (this.#packets.length >= mostPacketsInBatch) this.flush();
  }

  flush(): void {
    const { flow, way, size, tell } = this.#options;
    if (this.#packets.length === 0) return;
    const packets = this.#packets;
    this.#packets = [];
    tell({ type: "received", at: this.#at, flow, way, packets, size });
  }
}

export type { ReceivedBatch, SentBatch };
