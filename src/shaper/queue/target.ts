import { type LinkShape, unshaped } from "../../contracts/links/shape.ts";
import type { Libc } from "../kernel/libc.ts";
import { addressNumber, emptyPacket, readMessage, verdicts } from "../kernel/messages.ts";
import { inNamespace } from "../kernel/namespace.ts";
import { KernelQueue } from "../kernel/queue.ts";
import type { Receiver } from "../kernel/receiver.ts";
import type { DueHeap } from "../link/due-heap.ts";
import { drops, Link } from "../link/link.ts";
import { queueNumber } from "./rules.ts";
import type { LinkSettings, Sender, TargetPlan } from "./thread-messages.ts";

/** Longer waits save little. */
const mostPatienceMs = 5;
/** Shorter ones would be timers that end with nothing to do. */
const leastPatienceMs = 0.5;
/** Batches that are read before packets of others are released. */
const mostBatches = 4;

/** A receiver of packets: its queue, and a link from each of its senders. */
export class Target {
  readonly name: string;
  readonly queue: KernelQueue;
  /** Wall clock minus monotonic clock. */
  wallOffsetMs = 0;
  readonly #links = new Map<string, Link>();
  readonly #openLink: (shape: LinkShape, what: string) => Link;
  readonly #addresses = new Map<string, readonly number[]>();
  readonly #bySource = new Map<number, Link>();
  /** From and to addresses that are no node's. */
  readonly #fromOthers: Link;
  readonly #toOthers: Link;
  readonly #hasOthers: boolean;
  readonly #packet = emptyPacket();
  /** A packet that is read now arrived after this. */
  #emptyAtMs = 0;
  #counts = noCounts();
  #held = 0;

  constructor(libc: Libc, { name, namespace, senders }: TargetPlan, settings: LinkSettings) {
    this.name = name;
    const open = (shape: LinkShape, what: string) =>
      new Link(shape, { seed: `${settings.seed}/${name}/${what}`, mtuBytes: settings.mtuBytes });
    this.#openLink = open;
    this.#hasOthers = settings.others !== undefined;
    const others = settings.others ?? unshaped;
    this.#fromOthers = open(others, "from others");
    this.#toOthers = open(others, "to others");
    for (const sender of senders) {
      this.#links.set(sender.name, open(sender.shape, sender.name));
      this.setSender(sender);
    }
    this.queue = inNamespace(libc, namespace, () => new KernelQueue(libc, queueNumber));
  }

  setShape(from: string, shape: LinkShape): void {
    this.#links.get(from)?.set(shape);
  }

  /** Its packets come from these addresses now. One that is new is not shaped until that is asked for. */
  setSender({ name, addresses }: Sender): void {
    if (name === this.name) return;
    const link = this.#links.get(name) ?? this.#openLink(unshaped, name);
    this.#links.set(name, link);
    for (const old of this.#addresses.get(name) ?? []) {
      if (this.#bySource.get(old) === link) this.#bySource.delete(old);
    }
    const numbers = addresses.map(addressNumber);
    this.#addresses.set(name, numbers);
    for (const address of numbers) this.#bySource.set(address, link);
  }

  /** How long its packets may wait before they are read: then none of them is due. 0 where the kernel stamps not all. */
  get patienceMs(): number {
    if (this.#hasOthers) return 0;
    const patienceMs = Math.min(
      mostPatienceMs,
      ...[...this.#links.values()].map(({ soonestMs }) => soonestMs / 2),
    );
    return patienceMs < leastPatienceMs ? 0 : patienceMs;
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
    const { packet, bytes } = this.#packet;
    const counts = this.#counts;
    counts.packets++;
    counts.bytes += bytes;
    const dueMs = this.#link().decide(this.#arrivedMs(nowMs), bytes);
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

  #link(): Link {
    const { source, isOutgoing } = this.#packet;
    if (isOutgoing) return this.#toOthers;
    return (source === undefined ? undefined : this.#bySource.get(source)) ?? this.#fromOthers;
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
