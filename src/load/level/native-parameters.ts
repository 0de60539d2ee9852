import type { SweepParameters } from "../../contracts/parameters.ts";
import type { NativeParameters } from "../../contracts/results/native.ts";
import { phaseLengths } from "./phases.ts";

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
    protocolOptions,
    durationSecs: windowSecs,
    warmUpSecs,
    transactionSizeBytes,
    achievedRatio: limits.achievedRatio,
  };
}
