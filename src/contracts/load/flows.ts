/** Flows through a network under test: what is planned, and how hosts report them. */
import type { NodeName } from "../nodes/node.ts";
import type { FlowKind } from "./flow-events.ts";
import type { PeerReports } from "./peer-events.ts";

/** A flow between two nodes of the network. */
export interface PlannedFlow {
  readonly name: string;
  readonly kind: FlowKind;
  readonly from: NodeName;
  readonly to: NodeName;
  /** The receiver sends each packet back, so that round trips are known. */
  readonly reflects: boolean;
  /** Of a flow with a schedule. Of a video: pictures per second. Absent: as much as goes through. */
  readonly perSec?: number | undefined;
  /** Payload of a packet, a message, or a picture, bytes. */
  readonly sizeBytes: number;
}

/** Those of one run. */
export interface FlowReports {
  readonly events: PeerReports;
  /** POST with `{"windowSecs": 30}` to each node, when the window begins. */
  readonly startPath: string;
  readonly flows: readonly PlannedFlow[];
  /** Name of the network under test: "babel". */
  readonly network: string;
  /** Whether hosts tell the network's own view of its links and routes. */
  readonly hasView: boolean;
}
