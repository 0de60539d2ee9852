import { usualSubmitIntervalMs } from "../../../contracts/peer-tests/routines.ts";

/** What the figures of a test depend on besides its results. */
export interface RoutineUse {
  /** Names of all peers. */
  readonly peers: readonly string[];
  /** Of the window, seconds. */
  readonly lengthSecs: number;
  /** Between two data points of a peer, milliseconds. */
  readonly stepMs: number;
  /** All peers have the same clock, so that latencies can be told. */
  readonly isOneMachine: boolean;
}

/** What of a run's parameters its figures depend on. */
export function routineUse({
  peers,
  windowSecs,
  networkType,
  protocolOptions,
}: {
  readonly peers: readonly string[];
  readonly windowSecs: number;
  readonly networkType: string;
  readonly protocolOptions: Readonly<Record<string, unknown>>;
}): RoutineUse {
  const { statsSubmitIntervalMs } = protocolOptions;
  return {
    peers,
    lengthSecs: windowSecs,
    stepMs: typeof statsSubmitIntervalMs === "number" ? statsSubmitIntervalMs : usualSubmitIntervalMs,
    isOneMachine: networkType === "local",
  };
}
