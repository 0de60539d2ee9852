/** What a deployer is asked to put between the nodes of a network, and what it then offers. */
import type { NodeName } from "../nodes/node.ts";
import type { PlannedOverlay } from "../nodes/overlay.ts";
import type { LinkMatrix } from "./matrix.ts";
import type { LinkShape } from "./shape.ts";
import { kernelMechanisms } from "./shaper.ts";

/**
 * netem: queueing disciplines of the sender's kernel. nfqueue: packets wait in the receiver's kernel for a process of
 * ours. relay: a process of ours between every two nodes that carries TCP connections; delay and rate alone.
 */
export const linkMechanisms = [...kernelMechanisms, "relay"] as const;
export type LinkMechanism = (typeof linkMechanisms)[number];

/** Links of a plan. */
export interface PlannedLinks {
  /** Its nodes are those of the plan, in the plan's order. */
  readonly matrix: LinkMatrix;
  /** undefined: the first of `linkMechanisms` that a trial accepts. */
  readonly mechanism?: LinkMechanism | undefined;
  /** Of all random numbers. */
  readonly seed: string;
  /** Features that the run will need although the matrix does not show them (a timeline sets them later). */
  readonly later: readonly LinkShape[];
  /** Interfaces over the links, for a network under test; absent: none. */
  readonly overlay?: PlannedOverlay | undefined;
}

/** A directed pair of nodes. */
export interface LinkPair {
  readonly from: NodeName;
  readonly to: NodeName;
}

export interface LinkChange extends LinkPair {
  readonly shape: LinkShape;
}

/** Every link of a matrix, row by row. */
export function linksOf({ nodes, shapes }: LinkMatrix): LinkChange[] {
  return nodes.flatMap(({ name: from }, row) =>
    nodes.flatMap(({ name: to }, column) => {
      const shape = shapes[row]?.[column];
      return shape === undefined ? [] : [{ from, to, shape }];
    }),
  );
}

/** Packets that are sent over links to see what these do; all pairs at once, each at its own rate. */
export type ProbeRequest =
  | {
      readonly kind: "echo";
      readonly pairs: readonly LinkPair[];
      /** Of each pair. */
      readonly packets: number;
      readonly perSecond: number;
    }
  | {
      readonly kind: "goodput";
      readonly pairs: readonly LinkPair[];
      /** Not counted: the connection opens up. */
      readonly warmUpMs: number;
      readonly measureMs: number;
    };

/** How long a request sends, milliseconds; the last packet comes a delay later. */
export const probeLengthMs = (request: ProbeRequest): number =>
  request.kind === "echo"
    ? (request.packets / request.perSecond) * 1000
    : request.warmUpMs + request.measureMs;

/**
 * What probes saw of one link. Delays are stamped in user space, so they include what the shaper adds. one-way: both
 * ends read one clock. round-trip: they do not; the delays are those of both directions together, and a packet counts
 * as lost if either direction lost it.
 */
export interface ProbedLink extends LinkPair {
  readonly way: "one-way" | "round-trip";
  readonly sent: number;
  readonly received: number;
  /** In the order of arrival; milliseconds. Empty of goodput. */
  readonly delaysMs: readonly number[];
  /** Payload of TCP, bits per second; of goodput alone. */
  readonly goodputBps?: number | undefined;
  /** Congestion control of the sender's kernel ("bbr"); undefined where it cannot be read. */
  readonly congestionControl?: string | undefined;
}

/** What a machine's shaper did in a second. Counts are of all its links together. */
export interface ShapingSecond {
  /** undefined: this machine. */
  readonly host?: string | undefined;
  /** When it was received, on the coordinator's monotonic clock. */
  readonly atMs: number;
  /** Packets, and how late they were let through: median, 99th percentile and longest, milliseconds. */
  readonly released: number;
  readonly lateP50Ms?: number | undefined;
  readonly lateP99Ms?: number | undefined;
  readonly lateMaxMs?: number | undefined;
  /** Dropped by loss; by full queues of rates; by links that are down. */
  readonly lost: number;
  readonly overflowed: number;
  readonly cut: number;
  /** Dropped by the kernel because the shaper did not keep up: must be 0. */
  readonly kernelDropped: number;
  /** CPU time of the shaper, milliseconds. */
  readonly cpuMs: number;
}

/** The links of a deployed network: as planned from its start on. */
export interface LinkShaping {
  readonly mechanism: LinkMechanism;
  /** Whether shapers have real-time priority; undefined where that means nothing (netem). */
  readonly realTime?: boolean | undefined;
  /** One-way delay, or half a round trip, of each probed pair before anything was shaped; milliseconds, by p50. */
  readonly bare: readonly (LinkPair & { readonly delayMs: number; readonly p99Ms: number })[];
  /**
   * Changes links at one moment (of each machine).
   * @returns when the last machine said that it holds, on the coordinator's monotonic clock
   * @throws BaleenError "links"
   */
  readonly set: (changes: readonly LinkChange[], signal: AbortSignal) => Promise<number>;
  /** @returns in the order of the pairs @throws BaleenError "links"; the signal's reason */
  readonly probe: (request: ProbeRequest, signal: AbortSignal) => Promise<readonly ProbedLink[]>;
  /** Calls the listener every second for every machine; returns the way to stop. netem has none. */
  readonly onSecond: (listener: (second: ShapingSecond) => void) => () => void;
  /**
   * Calls the listener, also for what happened before, when links are no longer what they are to be: a sentence that
   * says why. Within a second of a shaper's end, two of its standstill.
   */
  readonly onFailure: (listener: (why: string) => void) => () => void;
}
