import type { ShapedDirection, ShaperConfiguration, ShaperTarget } from "../contracts/links/shaper.ts";
import type { Libc } from "./kernel/libc.ts";
import { addressNumber, emptyPacket, readMessage, verdicts } from "./kernel/messages.ts";
import { KernelQueue } from "./kernel/queue.ts";
import type { Receiver } from "./kernel/receiver.ts";
import type { DueHeap } from "./link/due-heap.ts";
import { drops, Link } from "./link/link.ts";

/** Batches that are read before packets of others are released. */
const mostBatches = 4;

/** A receiver of packets: its queue, and a link from each of its senders. */
export class Target {
  readonly name: string;
  readonly queue: KernelQueue;
  /** Wall clock minus monotonic clock. */
  wallOffsetMs = 0;
  readonly #links: ReadonlyMap<number, Link>;
  readonly #packet = emptyPacket();
  /** A packet that is read now arrived after this. */
  #emptyAtMs = 0;
  #counts = noCounts();
  #held = 0;

  constructor(libc: Libc, target: ShaperTarget, { seed, mtuBytes }: ShaperConfiguration) {
    this.name = target.name;
    this.queue = new KernelQueue(libc, target);
    this.#links = new Map(
      Object.entries(target.sources).map(([source, shape]) => {
        const options = { seed: `${seed}/${target.name}/${source}`, mtuBytes };
        return [addressNumber(source), new Link(shape, options)];
      }),
    );
  }

  setShape(source: string, shape: ShapedDirection): void {
    this.#links.get(addressNumber(source))?.set(shape);
  }

  sawEmpty(nowMs: number): void {
    this.#emptyAtMs = nowMs;
  }

  /** Reads what has arrived: some is dropped, and the rest waits in the heap under this target's index. */
  read(index: number, nowMs: number, receiver: Receiver, heap: DueHeap): void {
    for (let batch = 0; batch < mostBatches; batch++) {
      const count = receiver.receive(this.queue.socket);
      for (let i = 0; i < count; i++) {
        const received = readMessage(receiver.bytes, receiver.startOf(i), receiver.lengthOf(i), this.#packet);
        if (received === "packet") this.#take(index, nowMs, heap);
        else if (received !== "other") this.#counts.errors++;
      }
      if (!receiver.isFull(count)) {
        this.#emptyAtMs = nowMs;
        return;
      }
    }
  }

  accept(packet: number): void {
    this.#held--;
    this.#settle(packet, verdicts.accept);
  }

  /** Since the last call. */
  takeCounts() {
    const counts = { name: this.name, ...this.#counts, held: this.#held, ...this.queue.drops() };
    this.#counts = noCounts();
    return counts;
  }

  #take(index: number, nowMs: number, heap: DueHeap): void {
    const { packet, bytes, source } = this.#packet;
    const counts = this.#counts;
    counts.packets++;
    counts.bytes += bytes;
    const arrivedMs = this.#arrivedMs(nowMs);
    const link = source === undefined ? undefined : this.#links.get(source);
    const dueMs = link === undefined ? arrivedMs : link.decide(arrivedMs, bytes);
    if (dueMs >= 0) {
      this.#held++;
      heap.add(dueMs, packet, index);
      return;
    }
    if (dueMs === drops.lost) counts.lost++;
    else if (dueMs === drops.overflowed) counts.overflowed++;
    else counts.cut++;
    this.#settle(packet, verdicts.drop);
  }

  /** By the kernel's stamp, so that the time until it was read is no delay of its own. */
  #arrivedMs(nowMs: number): number {
    const { arrivedWallMs } = this.#packet;
    if (arrivedWallMs === undefined) return nowMs;
    this.#counts.stamped++;
    return Math.min(nowMs, Math.max(this.#emptyAtMs, arrivedWallMs - this.wallOffsetMs));
  }

  #settle(packet: number, verdict: number): void {
    if (this.queue.add(packet, verdict)) this.queue.flush();
  }
}

const noCounts = () => ({ packets: 0, bytes: 0, lost: 0, overflowed: 0, cut: 0, stamped: 0, errors: 0 });
