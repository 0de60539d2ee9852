import type { Emit } from "../../../contracts/events.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { InvalidArgumentError } from "../../../core/errors.ts";
import { findPoolDiagnostics } from "../../../load/level/check-pool.ts";
import { isDriven } from "../../../metrics/stats/run-metrics.ts";
import { nodesMakeLoad } from "../../../options/rules/protocol-choice.ts";
import { publishedRun } from "../../../results/schema/published-run.ts";
import { saveHistograms, saveNodeMetrics } from "../../watch/collect.ts";
import { betweenLinks } from "../../watch/link-watch.ts";
import type { LevelRequest, Workload } from "../workload.ts";
import { runOnce } from "./run.ts";

/** Transactions that clients submit, each followed until it is seen committed. */
export const transactionWorkload: Workload<RunResult> = {
  generator: "clients",
  readiness: "until every node commits",
  check: (protocol, parameters, cores) => {
    if (!nodesMakeLoad(protocol)) return findPoolDiagnostics(protocol, parameters, cores);
    throw new InvalidArgumentError(
      `The nodes of ${protocol.name} generate the load themselves. Give the sweep workload: nativeWorkload.`,
    );
  },
  measure: async (level) => {
    const { benchmarkNumber, bundle, emit } = level;
    await bundle?.beginRun(benchmarkNumber);
    const { value, links } = await betweenLinks(level, () => {
      emit({ type: "run-started", benchmarkNumber });
      return runOnce({
        ...level,
        onHostSecond: (row) => bundle?.appendHostSecond(benchmarkNumber, row),
        emit: keepSeconds(level),
      });
    });
    const result = publishedRun({ ...value.result, ...(links === undefined ? {} : { links }) });
    if (bundle !== undefined) {
      await saveHistograms(bundle, { ...value, result });
      await saveNodeMetrics(bundle, { ...value, result });
      if (value.linkProbes !== undefined) await bundle.writeLinkProbes(value.linkProbes);
    }
    return result;
  },
  own: (runs) => runs.filter(isDriven),
  summarize: (sweep, conclusion) => ({ ...sweep, ...conclusion }),
};

/** Keeps what is told of each second; its histogram goes into the bundle alone. */
function keepSeconds({ bundle, benchmarkNumber, emit }: LevelRequest): Emit {
  return (body, source) => {
    if (body.type === "load-phase" && body.windowStartsAtMs !== undefined) {
      bundle?.beginSeconds(body.windowStartsAtMs);
    }
    if (body.type !== "load-second") return emit(body, source);
    bundle?.appendSecond(benchmarkNumber, body);
    const { histogram, ...reported } = body;
    emit(reported, source);
  };
}
