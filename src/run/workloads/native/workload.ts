import type { NativeCounters, NodeLoad } from "../../../contracts/load/node-load.ts";
import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { Protocol } from "../../../contracts/protocol.ts";
import type { NativeResult } from "../../../contracts/results/native.ts";
import { InvalidArgumentError } from "../../../core/errors.ts";
import { phaseLengths } from "../../../load/level/phases.ts";
import { isNative } from "../../../metrics/stats/run-metrics.ts";
import { formatNativeHeader } from "../../../results/report/blocks/header.ts";
import {
  formatNativeBlock,
  formatNativeClosing,
  formatNativeSummaryText,
} from "../../../results/report/documents/native.ts";
import { isNativeSummary, type MeasuredSummary } from "../../../results/schema/summary.ts";
import type { Workload } from "../workload.ts";
import { runNative } from "./run.ts";

/** A system whose nodes make the load, and tell of it. */
export type NativeProtocol = Protocol & { readonly native: NativeCounters };

/** Whether nodes of that system make the load, and tell of it. */
export const makesLoad = (protocol: Protocol | undefined): protocol is NativeProtocol =>
  protocol?.native !== undefined;

const nodeLoad = (parameters: SweepParameters, loadTps: number): NodeLoad => {
  const { warmUpSecs, windowSecs } = phaseLengths(parameters, loadTps);
  const { transactionSizeBytes } = parameters;
  return { rateTps: loadTps, transactionSizeBytes, warmUpSecs, durationSecs: windowSecs };
};

function native(protocol: Protocol): NativeProtocol {
  if (makesLoad(protocol)) return protocol;
  throw new InvalidArgumentError(`The nodes of ${protocol.name} make no load. Leave the workload out.`);
}

/** Load that the nodes make themselves and count, as they were configured. */
export const nativeWorkload: Workload<NativeResult> = {
  generator: "native",
  readiness: "until every node is ready",
  check: (protocol) => {
    native(protocol);
    return [];
  },
  nodeLoad,
  measure: async ({ bundle, ...level }) => {
    const { benchmarkNumber, emit } = level;
    emit({ type: "run-started", benchmarkNumber });
    const { result, metricsText } = await runNative({
      ...level,
      protocol: native(level.protocol),
      load: nodeLoad(level.parameters, level.loadTps),
      onHostSecond: (row) => bundle?.appendHostSecond(benchmarkNumber, row),
    });
    return {
      result,
      save: async (kept) => {
        if (metricsText !== undefined) await kept.writeNodeMetrics(benchmarkNumber, metricsText);
      },
    };
  },
  own: (runs) => runs.filter(isNative),
  summarize: (sweep, { assertions }) => ({ generator: "native", ...sweep, assertions }),
  report: {
    header: formatNativeHeader,
    run: formatNativeBlock,
    closing: (summary) => formatNativeClosing(nativeSummary(summary)),
    summary: (summary, ...more) => formatNativeSummaryText(nativeSummary(summary), ...more),
  },
};

function nativeSummary(summary: MeasuredSummary) {
  if (isNativeSummary(summary)) return summary;
  throw new InvalidArgumentError("The summary is of another workload.");
}
