/** All that is published of a run's messages, from what its peers told. Pure. */
import type {
  Connected,
  MessageFigures,
  MessagePair,
  MessagePeer,
} from "../../../contracts/results/native/messages.ts";
import { availabilityFigures } from "./availability.ts";
import { deliveryFigures, type SecondOfDeliveries } from "./deliveries.ts";
import type { MessageRecord } from "./record.ts";
import { type Disturbance, findResyncs } from "./resync.ts";
import { type MessageWindow, TimedRecord } from "./timed-record.ts";
import { byUse, type Capacities, megabits, Traffic } from "./traffic.ts";

/** What is known of a peer from others than itself, or from its status. */
export type PeerFacts = Pick<MessagePeer, "plan" | "connections" | "expectedConnections" | "gap">;

export interface MessageUse extends MessageWindow {
  /** Down at the end of the observation. */
  readonly down: ReadonlySet<string>;
  readonly disturbances: readonly Disturbance[];
  /** Of the link between two nodes; empty where its rate is not limited. */
  readonly capacities: (from: string, to: string) => Capacities;
  readonly facts: (node: string) => PeerFacts;
  /** Nodes beside the peers that are connected to them. */
  readonly helpers: readonly Connected[];
}

/** The figures, and what of them the sections that all loads have are made of. */
export interface FoundMessages {
  readonly messages: MessageFigures;
  /** Messages that all other peers could read that were up at the end, in each second of the window. */
  readonly everywhere: readonly number[];
}

/** At most so many links have a series of their use: among many peers, those of all would make the file large. */
const mostUses = 64;

function withFewUses(pairs: readonly MessagePair[]): readonly MessagePair[] {
  const shown = new Set(byUse(pairs).slice(0, mostUses));
  return pairs.map((pair) => (pair.uses.length === 0 || shown.has(pair) ? pair : { ...pair, uses: [] }));
}

export function messageFigures(record: MessageRecord, use: MessageUse): FoundMessages {
  const timed = new TimedRecord(record, use);
  const { pairs, writers, seconds, deliveredBytes, everywhere, ...counted } = deliveryFigures(
    timed,
    use.down,
  );
  const { availability, ratioIn } = availabilityFigures(timed);
  const traffic = new Traffic(timed);
  const resyncs = findResyncs(timed, use.disturbances);
  const sentBytes = traffic.sentByAll(0, timed.lengthMs);
  const second = (one: SecondOfDeliveries, index: number) => {
    const [p50, p99] = one.latencies.quantiles(0.5, 0.99);
    const sent = traffic.sentByAll(index * 1000, (index + 1) * 1000);
    return {
      second: index,
      written: one.written,
      delivered: one.delivered,
      p50,
      p99,
      readRatio: ratioIn("read", index),
      writeRatio: ratioIn("write", index),
      freshRatio: ratioIn("fresh", index),
      sentMbps: traffic.isReported ? megabits(sent, 1) : undefined,
    };
  };
  const messages: MessageFigures = {
    observedSecs: use.observedSecs,
    ...counted,
    pairs: withFewUses(
      pairs.map((pair) => {
        const capacities = use.capacities(pair.from, pair.to);
        return { ...pair, ...traffic.ofPair(pair, capacities), capacities };
      }),
    ),
    peers: record.peers.map(({ name, flavour, malformed }, place) => {
      const clock = use.clocks.get(name);
      const { written = 0, lateP99Ms } = writers[place] ?? {};
      return {
        name,
        clockOffsetMs: clock?.offsetMs,
        clockErrorMs: clock?.errorMs,
        flavour,
        ...use.facts(name),
        joinedSecs: timed.joinedSecs(place),
        written,
        lateP99Ms,
        malformed,
      };
    }),
    helpers: use.helpers,
    resyncs,
    availability,
    savings: traffic.savings(resyncs),
    goodputMbps: counted.written === 0 ? undefined : megabits(deliveredBytes, use.lengthSecs),
    goodputRatio: sentBytes > 0 ? deliveredBytes / sentBytes : undefined,
    isCut: record.isCut,
    seconds: seconds.map(second),
  };
  return { messages, everywhere: seconds.map((one) => one.everywhere) };
}
