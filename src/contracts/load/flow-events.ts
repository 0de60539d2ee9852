/**
 * What the hosts of a network under test tell of flows, of the network's own view, and of its daemons: one JSON object a
 * line. Times are those of the host's clock, milliseconds since 1970 with their fraction. Packets come in batches, so that
 * a thousand packets are some ten lines.
 */

/**
 * Kinds of flows: datagrams of our own, messages over TCP, numbered pictures, iperf3; any program whose packets the network
 * under test carries; a program that has the network under test built in.
 */
export const flowKinds = ["udp", "tcp", "video", "iperf3", "program", "native"] as const;
export type FlowKind = (typeof flowKinds)[number];
/** Flows whose ends are programs of the user. */
export const isOfUser = (kind: FlowKind): kind is "program" | "native" =>
  kind === "program" || kind === "native";

/** A batch holds what happened within this, at most. */
export const batchMs = 100;
export const mostPacketsInBatch = 1000;
export const longestFlowEventBytes = 64 * 1024;

interface Timed {
  /** Of a batch: that of its first packet. */
  readonly at: number;
}

/** forth: from the flow's sender to its receiver; back: what the receiver reflected. */
export type FlowWay = "forth" | "back";

/** Told by the sender. Sequence numbers go up by one from 0, and a packet's number is never used again. */
export interface SentEvent extends Timed {
  readonly type: "sent";
  readonly flow: string;
  /** Sequence number of the first; the others follow it. */
  readonly first: number;
  /** Of each packet: microseconds from `at` until it was handed to the socket. Its count is that of the packets. */
  readonly us: readonly number[];
  /** Of each packet: microseconds from when its schedule said so until then; absent: it has no schedule. */
  readonly lateUs?: readonly number[] | undefined;
  /** Payload of each, bytes. */
  readonly size: number;
  /** Packets that the socket refused (no route, no buffer): they count as sent, and are lost. Sequence numbers. */
  readonly refused?: readonly number[] | undefined;
}

/** Packets that arrived: `forth` at the receiver, `back` at the sender. It holds copies, too. */
export interface ReceivedEvent extends Timed {
  readonly type: "received";
  readonly flow: string;
  readonly way: FlowWay;
  /** In the order of arrival: sequence number, microseconds from `at`, and when it was sent, by its sender's clock. */
  readonly packets: readonly (readonly [sequence: number, us: number, sentAtMs: number])[];
  /** Payload of each, bytes. */
  readonly size: number;
}

/** A picture of a video flow that is whole, or was given up because its time had come. Told by the receiver. */
export interface FrameEvent extends Timed {
  readonly type: "frame";
  readonly flow: string;
  readonly frame: number;
  readonly outcome: "shown" | "late" | "incomplete";
}

/** What another program measured (iperf3, or one of the user): at the end of its interval. */
export interface ProgramEvent extends Timed {
  readonly type: "program";
  readonly flow: string;
  /** Length of the interval, seconds. */
  readonly secs: number;
  /** Payload that arrived in it. */
  readonly bytes: number;
  readonly lost?: number | undefined;
  readonly packets?: number | undefined;
  readonly retransmits?: number | undefined;
  readonly rttMs?: number | undefined;
}

/** A route of this host to another, as the network under test has it. */
export interface ViewedRoute {
  /** Name of the node it leads to. */
  readonly to: string;
  /** Name of the next node; absent: there is none. */
  readonly via?: string | undefined;
  /** In the network's own unit; lower is better. */
  readonly metric?: number | undefined;
  /** It is in use. */
  readonly installed: boolean;
}

/** A link of this host to a neighbour, as the network under test has it. */
export interface ViewedLink {
  readonly peer: string;
  /** In the network's own unit; lower is better. Absent: the network calls it unusable. */
  readonly cost?: number | undefined;
  /** Share of what the neighbour sent that arrived, 0 to 1, where the network tells. */
  readonly received?: number | undefined;
}

/** The network's own view, whole, whenever it has changed. */
export interface ViewEvent extends Timed {
  readonly type: "view";
  readonly routes: readonly ViewedRoute[];
  readonly links: readonly ViewedLink[];
}

export interface DaemonEvent extends Timed {
  readonly type: "daemon";
  readonly daemon: string;
  /** It is no daemon, but the program at an end of this flow. */
  readonly flow?: string | undefined;
  readonly state: "started" | "ended";
  /** "exit code 1", "SIGKILL". */
  readonly why?: string | undefined;
}

/** Counters of the interfaces to other hosts since these were made, once a second. */
export interface InterfacesEvent extends Timed {
  readonly type: "interfaces";
  readonly counters: readonly (readonly [
    name: string,
    receivedBytes: number,
    receivedPackets: number,
    sentBytes: number,
    sentPackets: number,
  ])[];
}

/** The host's program begins: counters and sequence numbers of what it tells later are new. */
export interface HostStartEvent extends Timed {
  readonly type: "start";
}

export type FlowEvent =
  | SentEvent
  | ReceivedEvent
  | FrameEvent
  | ProgramEvent
  | ViewEvent
  | DaemonEvent
  | InterfacesEvent
  | HostStartEvent;
