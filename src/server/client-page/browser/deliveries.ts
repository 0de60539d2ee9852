/** Which messages of other peers arrived, how often each, and how late. Pure. */
import { mostKinds } from "../../../contracts/peer-tests/bounds.ts";
import { LatencyRecord } from "../../../metrics/stats/latency-record.ts";

export interface Arrival {
  readonly from: string;
  readonly kind: string;
  /** From the envelope. */
  readonly sequence: number;
  /** Since it was sent, by the clocks of both. */
  readonly latencyMs: number;
}

export interface ArrivalCounts {
  /** Messages, each counted once. */
  readonly delivered: number;
  /** Further copies of them. */
  readonly repeated: number;
}

/** First arrivals of a window, early ones aside. */
export interface DeliveryWindow {
  readonly meanMs: number;
  readonly maxMs: number;
}

const mostSenders = 1_000;
/** So many of a sender's last numbers are remembered. */
const numbersKept = 65_536;

/** Its memory is bounded: messages whose number or sender is beyond the bound count as repeated. */
export class Deliveries {
  /** Of first arrivals, early ones aside. */
  readonly latency = new LatencyRecord();
  readonly #senders = new Map<string, ArrivedNumbers>();
  readonly #total = { delivered: 0, repeated: 0 };
  readonly #kinds = new Map<string, { delivered: number; repeated: number }>();
  #early = 0;
  #window = { count: 0, sumUs: 0, maxUs: 0 };

  add({ from, kind, sequence, latencyMs }: Arrival): void {
    const isFirst = this.#numbersOf(from)?.add(sequence) ?? false;
    const figure = isFirst ? "delivered" : "repeated";
    this.#total[figure]++;
    const ofKind = this.#countsOf(kind);
    if (ofKind !== undefined) ofKind[figure]++;
    if (isFirst) this.#addLatency(Math.round(1000 * latencyMs));
  }

  get total(): ArrivalCounts {
    return this.#total;
  }

  /** The first kinds that were seen, as many as a peer can report. */
  get kinds(): ReadonlyMap<string, ArrivalCounts> {
    return this.#kinds;
  }

  /** First arrivals before they were sent: the two clocks differ by more than the way took. */
  get early(): number {
    return this.#early;
  }

  /** Since the last call; undefined where nothing arrived. */
  takeWindow(): DeliveryWindow | undefined {
    const { count, sumUs, maxUs } = this.#window;
    this.#window = { count: 0, sumUs: 0, maxUs: 0 };
    return count === 0 ? undefined : { meanMs: sumUs / count / 1000, maxMs: maxUs / 1000 };
  }

  #addLatency(latencyUs: number): void {
    if (latencyUs < 0) {
      this.#early++;
      return;
    }
    this.latency.record(latencyUs);
    this.#window.count++;
    this.#window.sumUs += latencyUs;
    this.#window.maxUs = Math.max(this.#window.maxUs, latencyUs);
  }

  #numbersOf(sender: string): ArrivedNumbers | undefined {
    const known = this.#senders.get(sender);
    if (known !== undefined || this.#senders.size >= mostSenders) return known;
    const numbers = new ArrivedNumbers();
    this.#senders.set(sender, numbers);
    return numbers;
  }

  #countsOf(kind: string) {
    const known = this.#kinds.get(kind);
    if (known !== undefined || this.#kinds.size >= mostKinds) return known;
    const counts = { delivered: 0, repeated: 0 };
    this.#kinds.set(kind, counts);
    return counts;
  }
}

/** Which of one sender's last numbers arrived: a bit for each. */
class ArrivedNumbers {
  readonly #bits = new Uint8Array(numbersKept / 8);
  #newest: number | undefined;

  /** @returns whether it arrives for the first time, as far as is remembered */
  add(sequence: number): boolean {
    this.#newest ??= sequence;
    // Numbers of 32 bits begin again: the nearer of two ways round counts.
    const ahead = (sequence - this.#newest) | 0;
    if (ahead <= -numbersKept) return false;
    if (ahead > 0) {
      const newer = Math.min(ahead, numbersKept);
      for (let back = 0; back < newer; back++) this.#set(sequence - back, false);
      this.#newest = sequence;
    }
    if (this.#has(sequence)) return false;
    this.#set(sequence, true);
    return true;
  }

  #has(sequence: number): boolean {
    const at = sequence & (numbersKept - 1);
    return ((this.#bits[at >>> 3] ?? 0) & (1 << (at & 7))) !== 0;
  }

  #set(sequence: number, hasArrived: boolean): void {
    const at = sequence & (numbersKept - 1);
    const [byte, bit] = [this.#bits[at >>> 3] ?? 0, 1 << (at & 7)];
    this.#bits[at >>> 3] = hasArrived ? byte | bit : byte & ~bit;
  }
}
