/** What peers' stores sent to each other, and what that was worth. Pure. */
import type { MessagePair, Resync, Savings } from "../../../contracts/results/native/messages.ts";
import type { PeerRecord } from "./record.ts";
import type { TimedRecord } from "./timed-record.ts";

export type Capacities = MessagePair["capacities"];
type PairTraffic = Pick<MessagePair, "sentBytes" | "peakMbps" | "utilizationRatio" | "uses">;

/** A time in which a link had one rate. */
interface LimitedSpan {
  readonly fromSecs: number;
  readonly toSecs: number;
  readonly mbps: number;
}

const bitsPerMegabit = 1e6;
export const megabits = (bytes: number, secs: number) => (bytes * 8) / bitsPerMegabit / secs;

/** Bytes by a rising sum that was looked at now and then, as if it rose evenly between two looks. */
function bytesAt(times: readonly number[], sums: readonly number[], at: number): number {
  if (times.length === 0) return 0;
  let [low, high] = [0, times.length - 1];
  if (at <= (times[low] as number)) return sums[low] as number;
  if (at >= (times[high] as number)) return sums[high] as number;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= at) low = middle;
    else high = middle;
  }
  const [from, to] = [times[low] as number, times[high] as number];
  const [before, after] = [sums[low] as number, sums[high] as number];
  return before + ((after - before) * (at - from)) / (to - from);
}

export class Traffic {
  readonly #timed: TimedRecord;
  readonly #places: ReadonlyMap<string, number>;

  constructor(timed: TimedRecord) {
    this.#timed = timed;
    this.#places = new Map(timed.peers.map(({ name }, place) => [name, place]));
  }

  /** Whether any peer told of its traffic. */
  get isReported(): boolean {
    return this.#timed.peers.some(({ traffic }) => traffic.size > 0);
  }

  /** Bytes that a peer sent to another one, or received from it, by its own counters. Milliseconds of the window. */
  bytes(
    peer: PeerRecord,
    other: string,
    {
      way,
      fromMs,
      toMs,
    }: { readonly way: "sent" | "received"; readonly fromMs: number; readonly toMs: number },
  ): number {
    const curve = peer.traffic.get(other);
    if (curve === undefined) return 0;
    const zero = -this.#timed.time(this.#places.get(peer.name) as number, 0);
    const at = (ms: number) => bytesAt(curve.atMs, curve[way], ms + zero);
    return at(toMs) - at(fromMs);
  }

  /** What a pair's link carried in the window. */
  ofPair({ from, to }: Pick<MessagePair, "from" | "to">, capacities: Capacities): PairTraffic {
    const peer = this.#timed.peers[this.#places.get(from) as number] as PeerRecord;
    if (!peer.traffic.has(to)) return { uses: [] };
    const { lengthMs } = this.#timed;
    const sent = (fromMs: number, toMs: number) => this.bytes(peer, to, { way: "sent", fromMs, toMs });
    const peaks = Array.from({ length: Math.floor(lengthMs / 1000) }, (_, second) =>
      megabits(sent(second * 1000, (second + 1) * 1000), 1),
    );
    const spans = limitedSpans(capacities, lengthMs / 1000);
    const could = spans.reduce((sum, { fromSecs, toSecs, mbps }) => sum + mbps * (toSecs - fromSecs), 0);
    const carried = spans.reduce(
      (sum, { fromSecs, toSecs }) => sum + sent(fromSecs * 1000, toSecs * 1000),
      0,
    );
    const uses = peaks.flatMap((sentMbps, second) => {
      const span = spans.find(({ fromSecs, toSecs }) => fromSecs <= second && second + 1 <= toSecs);
      return span === undefined || span.mbps === 0
        ? []
        : [{ second, utilizationRatio: sentMbps / span.mbps }];
    });
    return {
      sentBytes: Math.round(sent(0, lengthMs)),
      peakMbps: peaks.reduce((most, mbps) => Math.max(most, mbps), 0),
      utilizationRatio: could === 0 ? undefined : megabits(carried, 1) / could,
      uses,
    };
  }

  /** Sent by all peers, bytes. */
  sentByAll(fromMs: number, toMs: number): number {
    return this.#timed.peers.reduce(
      (sum, peer) =>
        [...peer.traffic.keys()].reduce(
          (total, other) => total + this.bytes(peer, other, { way: "sent", fromMs, toMs }),
          sum,
        ),
      0,
    );
  }

  /** Of peers that were behind and caught up, from their reconnection until a second after they had all. */
  savings(resyncs: readonly Resync[]): Savings | undefined {
    let [counted, stateBytes, sentBytes, receivedBytes] = [0, 0, 0, 0];
    for (const { node, behind, toSecs, resyncMs } of resyncs) {
      const place = this.#places.get(node) as number;
      const peer = this.#timed.peers[place] as PeerRecord;
      if (behind === 0 || resyncMs === undefined || peer.states.length === 0) continue;
      const fromMs = toSecs * 1000;
      const span = { fromMs, toMs: fromMs + resyncMs + settleMs };
      counted++;
      stateBytes += this.#stateAt(place, span.toMs);
      for (const other of this.#timed.peers) {
        if (other === peer) continue;
        sentBytes += this.bytes(other, node, { way: "sent", ...span });
        receivedBytes += this.bytes(peer, other.name, { way: "received", ...span });
      }
    }
    if (counted === 0 || stateBytes === 0 || !this.isReported) return undefined;
    return {
      resyncs: counted,
      stateBytes,
      sentBytes: Math.round(sentBytes),
      receivedBytes: Math.round(receivedBytes),
      bySentRatio: 1 - sentBytes / stateBytes,
      byReceivedRatio: 1 - receivedBytes / stateBytes,
    };
  }

  /** The last size that the peer told by then; its first one, where that came later. */
  #stateAt(place: number, ms: number): number {
    const { states } = this.#timed.peers[place] as PeerRecord;
    const told = states.findLast(({ at }) => this.#timed.time(place, at) <= ms) ?? states[0];
    return told?.bytes ?? 0;
  }
}

/** Counters are told now and then: both ends' must have come. */
const settleMs = 1000;

/** Pairs whose link was limited for some seconds, the most used one first. */
export const byUse = (pairs: readonly MessagePair[]): readonly MessagePair[] =>
  pairs
    .filter(({ uses }) => uses.length > 0)
    .sort((a, b) => (b.utilizationRatio ?? 0) - (a.utilizationRatio ?? 0));

/** Parts of the window in which a link's rate was limited. */
function limitedSpans(capacities: Capacities, lengthSecs: number): readonly LimitedSpan[] {
  return capacities.flatMap(({ fromSecs, mbps }, index) => {
    const toSecs = Math.min(capacities[index + 1]?.fromSecs ?? lengthSecs, lengthSecs);
    const from = Math.max(0, fromSecs);
    return mbps === undefined || toSecs <= from ? [] : [{ fromSecs: from, toSecs, mbps }];
  });
}
