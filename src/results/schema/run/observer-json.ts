/** The published form of what watching the nodes' commits took: a part of a run's. */
import type { ObserverFigures } from "../../../contracts/results/generator.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import type { Fields } from "../fields.ts";
import { present, rounded } from "../numbers.ts";
import { msJson } from "./latency-json.ts";

/** CPU time for each commit seen in the window: follows from the published numbers. */
export function cpuUsPerCommit({
  observer,
  observedInWindow,
}: Pick<RunResult, "observer" | "observedInWindow">): number | undefined {
  const cpuMs = observer?.cpuMs;
  return cpuMs === undefined || observedInWindow === 0
    ? undefined
    : rounded((rounded(cpuMs) * 1000) / observedInWindow);
}

/** undefined where commits could not be observed. */
export function observerJson(result: RunResult) {
  const { observer } = result;
  if (observer === undefined) return undefined;
  return present({
    blocks: observer.blocks,
    transactions: observer.transactions,
    message_bytes: observer.bytes,
    cpu_ms: msJson(observer.cpuMs),
    cpu_us_per_commit: cpuUsPerCommit(result),
    cpu_max_ratio: observer.cpuMaxRatio === undefined ? undefined : rounded(observer.cpuMaxRatio),
    loop_delay_p99_ms: msJson(observer.loopDelayP99Ms),
    loop_delay_max_ms: msJson(observer.loopDelayMaxMs),
    lag_max_ms: msJson(observer.lagMaxMs),
    polled: observer.polled.map(({ node, everyMs }) => ({ node, every_ms: everyMs })),
  });
}

/** The inverse of `observerJson`. */
export function parseObserver(run: Fields): Pick<RunResult, "observer"> {
  const observer = run.optional("observer", (key) => parseFigures(run.object(key)));
  return observer === undefined ? {} : { observer };
}

function parseFigures(fields: Fields): ObserverFigures {
  return {
    blocks: fields.count("blocks"),
    transactions: fields.count("transactions"),
    bytes: fields.count("message_bytes"),
    cpuMs: fields.numberIfAny("cpu_ms"),
    cpuMaxRatio: fields.numberIfAny("cpu_max_ratio"),
    loopDelayP99Ms: fields.numberIfAny("loop_delay_p99_ms"),
    loopDelayMaxMs: fields.numberIfAny("loop_delay_max_ms"),
    lagMaxMs: fields.numberIfAny("lag_max_ms"),
    polled: fields.objects("polled", (one) => ({ node: one.text("node"), everyMs: one.number("every_ms") })),
  };
}
