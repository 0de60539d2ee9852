import { setImmediate as nextTurn } from "node:timers/promises";
import type { Submission } from "../../../src/contracts/load/submission.ts";
import type { Endpoint } from "../../../src/contracts/nodes/node.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { openTransport } from "../../../src/load/transport/open-transport.ts";
import type { TransportRequest } from "../../../src/load/transport/transport.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";
import { showMiss } from "./replies.ts";

export type DriveOptions = Partial<Omit<TransportRequest, "rpc" | "listener" | "plan">> &
  Partial<TransportRequest["plan"]> & {
    readonly port: number;
    readonly tls?: Endpoint["tls"];
    /** Transactions to be sent, as many at once as the transport takes. */
    readonly count: number;
    /** Default: prepared, as a run does. */
    readonly prepared?: boolean;
    /** Since the start; default: all at once. */
    readonly notBeforeMs?: (sequence: number) => number;
  };

export interface Driven {
  /** How each ended, by sequence number: "acknowledged", "rejected: reason", "timed out", "unreachable: ECONNREFUSED". */
  readonly ends: ReadonlyMap<number, string>;
  /** How many ended in each way. */
  readonly counts: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
  readonly strays: Readonly<Record<string, number>>;
  readonly longestMs: number;
  readonly mostUnderWay: number;
}

/** Everything must have ended by then, after the time-out. */
const slackMs = 10_000;

/** Sends transactions to a port until every one has ended. Fails where one ends twice, or not in time. */
export async function drive(options: DriveOptions): Promise<Driven> {
  const ends = new Map<number, string>();
  const faults: string[] = [];
  const sentMs: number[] = [];
  let longestMs = 0;
  let mostUnderWay = 0;
  const end = (sequence: number, how: string) => {
    if (ends.has(sequence)) faults.push(`${sequence} ended twice: ${ends.get(sequence)}, ${how}`);
    ends.set(sequence, how);
    longestMs = Math.max(longestMs, performance.now() - (sentMs[sequence] ?? 0));
  };
  const request = requestFor(options, end);
  const transport = openTransport(request);
  try {
    const notes = options.prepared === false ? [] : await transport.prepare(new AbortController().signal);
    const startMs = performance.now();
    const deadlineMs = startMs + slackMs + request.requestTimeoutMs * options.count;
    for (let next = 0; ends.size < options.count; await nextTurn()) {
      const mayGo = () => (options.notBeforeMs?.(next) ?? 0) <= performance.now() - startMs;
      for (; next < options.count && transport.underWay < transport.capacity && mayGo(); next++) {
        sentMs[next] = performance.now();
        transport.send(next);
      }
      mostUnderWay = Math.max(mostUnderWay, transport.underWay);
      transport.turn(systemClock.monotonicMs());
      if (performance.now() > deadlineMs) throw new Error(`${ends.size} of ${options.count} have ended`);
    }
    if (transport.underWay !== 0) faults.push(`${transport.underWay} are said to be under way`);
    if (faults.length > 0) throw new Error(faults.join("\n"));
    return {
      ends,
      counts: count(ends.values()),
      notes,
      strays: Object.fromEntries(transport.strays?.() ?? []),
      longestMs,
      mostUnderWay,
    };
  } finally {
    transport.close();
  }
}

/** A transport's request to a port of this machine; `end` is told how each transaction ended. */
export function requestFor(
  options: Omit<DriveOptions, "count">,
  end: (sequence: number, how: string) => unknown,
): TransportRequest {
  const { port, tls, kind = "websocket", inFlightPerConnection = 1, batchSize = 1, ...rest } = options;
  return {
    rpc: { host: "127.0.0.1", port, tls },
    submission: mysticeti.submission,
    transactions: mysticeti.transactions,
    run: 7,
    client: 1,
    seed: 3,
    transactionSizeBytes: 64,
    connections: 4,
    connectionsOfOne: options.connections ?? 4,
    connectTimeoutMs: 2000,
    requestTimeoutMs: 2000,
    clock: systemClock,
    ...rest,
    plan: { kind, inFlightPerConnection, batchSize },
    listener: {
      acknowledged: (sequence) => end(sequence, "acknowledged"),
      missed: (sequence, miss) => end(sequence, showMiss(miss)),
    },
  };
}

function count(ends: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const how of ends) counts[how] = (counts[how] ?? 0) + 1;
  return counts;
}

/** The same, whose bodies are made anew each time. */
export function withoutTemplate(submission: Submission): Submission {
  const { template, isUsualAcceptance, ...rest } = submission;
  return rest;
}
