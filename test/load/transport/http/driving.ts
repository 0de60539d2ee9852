import { setImmediate as nextTurn } from "node:timers/promises";
import type { Submission } from "../../../../src/contracts/load/submission.ts";
import type { Endpoint } from "../../../../src/contracts/nodes/node.ts";
import { type Clock, systemClock } from "../../../../src/core/clock.ts";
import { openHttpTransport } from "../../../../src/load/transport/http/http-transport.ts";
import type { OpenTransport, Transport } from "../../../../src/load/transport/transport.ts";
import { broadcastTxAsync } from "../../../../src/protocol/rpc/json-rpc.ts";
import { format } from "../../../stand-in/format.ts";
import { showMiss } from "../replies.ts";

/** How a transaction ended: "acknowledged", "rejected: …", "timed out", "broken: CODE". */
export type Ending = string;

export interface Way {
  readonly rpc: Endpoint;
  readonly connections?: number;
  /** Default: as many. */
  readonly connectionsOfOne?: number;
  readonly inFlightPerConnection?: number;
  readonly requestTimeoutMs?: number;
  readonly transactionSizeBytes?: number;
  readonly submission?: Submission;
  readonly open?: OpenTransport;
  readonly clock?: Clock;
  /** Is called as soon as one has ended, by the transport. */
  readonly onEnd?: () => void;
}

export interface OpenWay extends Disposable {
  readonly transport: Transport;
  /** By sequence number. A second ending of one transaction is an error. */
  readonly endings: readonly Ending[];
  readonly ended: () => number;
}

/** Opens a transport whose endings are written down. */
export function openWay(options: Way): OpenWay {
  const { rpc, connections = 2, inFlightPerConnection = 1, requestTimeoutMs = 5000 } = options;
  const { transactionSizeBytes = 128, submission = broadcastTxAsync, open = openHttpTransport } = options;
  const { clock = systemClock, connectionsOfOne = connections } = options;
  const endings: Ending[] = [];
  let ended = 0;
  const end = (sequence: number, ending: Ending) => {
    if (endings[sequence] !== undefined) {
      throw new Error(`${sequence} ended as "${endings[sequence]}", then as "${ending}"`);
    }
    endings[sequence] = ending;
    ended++;
    options.onEnd?.();
  };
  const transport = open({
    ...{ rpc, submission, transactions: format, run: 7, client: 0, seed: 1, transactionSizeBytes },
    plan: { kind: "http", inFlightPerConnection, batchSize: 1 },
    ...{ connections, connectionsOfOne, connectTimeoutMs: requestTimeoutMs / 2, requestTimeoutMs, clock },
    listener: {
      acknowledged: (sequence) => end(sequence, "acknowledged"),
      missed: (sequence, miss) => end(sequence, showMiss(miss)),
    },
  });
  return { transport, endings, ended: () => ended, [Symbol.dispose]: () => transport.close() };
}

export interface Drive extends Way {
  /** Sequence numbers 0 to this, without it. */
  readonly count: number;
  /** Leaves `prepare` out. */
  readonly unprepared?: boolean;
  /** Each that ends makes room for the next at once, from within the transport. */
  readonly atOnce?: boolean;
}

export interface Driven {
  readonly endings: readonly Ending[];
  readonly notes: readonly string[];
  readonly capacityAtEnd: number;
  readonly mostUnderWay: number;
}

/** Sends as fast as there is room, until all has ended. */
export async function drive(options: Drive): Promise<Driven> {
  const { count, unprepared = false, atOnce = false, clock = systemClock } = options;
  using way = openWay({ ...options, ...(atOnce ? { onEnd: () => fill() } : {}) });
  const { transport, endings, ended } = way;
  const notes = unprepared ? [] : await transport.prepare(new AbortController().signal);
  let mostUnderWay = 0;
  let next = 0;
  const fill = () => {
    while (next < count && transport.underWay < transport.capacity) {
      const endedBefore = ended();
      transport.send(next++);
      if (ended() !== endedBefore) throw new Error("a transaction ended from within send");
    }
    mostUnderWay = Math.max(mostUnderWay, transport.underWay);
  };
  while (ended() < count) {
    fill();
    if (transport.underWay !== next - ended()) throw new Error("what is under way and what has ended differ");
    transport.turn(clock.monotonicMs());
    await nextTurn();
  }
  return { endings, notes, capacityAtEnd: transport.capacity, mostUnderWay };
}

/** How often each ending came. */
export function counts(endings: readonly Ending[]): Record<Ending, number> {
  const found: Record<Ending, number> = {};
  for (const ending of endings) found[ending] = (found[ending] ?? 0) + 1;
  return found;
}
