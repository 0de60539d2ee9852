import type { SweepParameters } from "../../contracts/parameters.ts";
import type { NativeParameters } from "../../contracts/results/native/native.ts";
import type { RunParameters } from "../../contracts/results/run-parameters.ts";
import { present } from "../../core/documents/numbers.ts";
import { phaseLengths } from "./phases.ts";

/** What of a run is not said by its sweep's parameters; of clients and pacing, what "auto" came to. */
export interface RunPlace
  extends Pick<RunParameters, "loadTps" | "runtime" | "protocol" | "nodes" | "clients" | "pacing"> {}

/** How a sweep's run is done at one load. */
export function runParameters(parameters: SweepParameters, place: RunPlace): RunParameters {
  const { windowSecs, warmUpSecs } = phaseLengths(parameters, place.loadTps);
  return {
    networkType: parameters.networkType,
    runtime: place.runtime,
    protocol: place.protocol,
    ...(parameters.program === undefined ? {} : { program: parameters.program }),
    ...clientPlacement(parameters),
    ...labelsOf(parameters),
    nodes: place.nodes,
    loadTps: place.loadTps,
    clients: parameters.clients === "auto" ? place.clients : parameters.clients,
    pacing: parameters.pacing === "auto" ? place.pacing : parameters.pacing,
    durationSecs: windowSecs,
    transactionSizeBytes: parameters.transactionSizeBytes,
    ...disturbances(parameters),
    warmUpSecs,
    drainSecs: parameters.drainSecs,
    requestTimeoutMs: parameters.requestTimeoutSecs * 1000,
    maxInFlight: parameters.maxInFlight,
    queueLimit: parameters.queueLimit,
    transport: parameters.transport,
    keepNetwork: parameters.keepNetwork,
    protocolOptions: parameters.protocolOptions,
    arrival: parameters.arrival,
    profile: parameters.profile,
    seed: parameters.seed,
    faults: parameters.faults,
    crashRecovery: parameters.crashRecovery,
    crashIntervalSecs: parameters.crashIntervalSecs,
    failover: parameters.failover,
    allowNoQuorum: parameters.allowNoQuorum,
    limits: parameters.limits,
  };
}

function clientPlacement({ remote }: SweepParameters): Pick<RunParameters, "clientPlacement"> {
  const clientPlacement = remote?.clientPlacement ?? "coordinator";
  return clientPlacement === "coordinator" ? {} : { clientPlacement };
}

/** What is done to the network, by name. */
function disturbances({ links, timeline }: SweepParameters): Pick<RunParameters, "links" | "timeline"> {
  return present({ links: links?.name, timeline: timeline?.name });
}

const labelsOf = ({ name, tags }: SweepParameters) => present({ name, tags });

/** What of a run is not said by its sweep's parameters. */
export interface NativePlace
  extends Pick<NativeParameters, "loadTps" | "runtime" | "protocol" | "nodes" | "countedOf"> {}

/** How a sweep's run is done at one load, which the nodes make. */
export function nativeParameters(parameters: SweepParameters, place: NativePlace): NativeParameters {
  const { networkType, program, protocolOptions, limits, transactionSizeBytes } = parameters;
  const { windowSecs, warmUpSecs } = phaseLengths(parameters, place.loadTps);
  return {
    ...place,
    networkType,
    ...(program === undefined ? {} : { program }),
    ...labelsOf(parameters),
    protocolOptions,
    durationSecs: windowSecs,
    ...disturbances(parameters),
    warmUpSecs,
    transactionSizeBytes,
    achievedRatio: limits.achievedRatio,
  };
}
