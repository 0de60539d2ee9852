/** The published form of a whole sweep over loads that the nodes made: schema/native-summary.schema.json. */
import type { Leftover } from "../../../contracts/deployment.ts";
import type { NativeResult } from "../../../contracts/results/native.ts";
import { boundsJson, buildNativeRunJson, nativeRunFileName, optionalJson } from "../native/native-json.ts";
import { present } from "../numbers.ts";
import { assertionsJson } from "../parameters/assertion-json.ts";
import type { SweepSummary } from "./summary-json.ts";
import { summaryStartJson } from "./summary-start.ts";

/** Name and version of the form. */
export const nativeSummarySchema = "baleen.native-summary/1";

/** A sweep over loads that the nodes made, at its end, also at an early one. */
export interface NativeSummary extends SweepSummary<NativeResult> {
  readonly generator: "native";
}

/** A sweep at its end, whoever made the load. */
export type MeasuredSummary = SweepSummary | NativeSummary;

export const isNativeSummary = (summary: MeasuredSummary): summary is NativeSummary => "generator" in summary;

/** @throws InvalidArgumentError where a measured number is not finite */
export function buildNativeSummaryJson(summary: NativeSummary) {
  return present({
    schema: nativeSummarySchema,
    generator: "native",
    ...summaryStartJson(summary),
    runs: summary.runs.map(rowJson),
    assertions: assertionsJson(summary.assertions),
  });
}

/** The document of `--json`; its runs are just what their files hold. */
export function buildNativeResultsJson(
  summary: NativeSummary,
  {
    parameters,
    bundle,
    leftover,
  }: {
    readonly parameters: object;
    /** Its path; absent where nothing is written. */
    readonly bundle?: string | undefined;
    readonly leftover?: Leftover | undefined;
  },
) {
  return present({
    ...buildNativeSummaryJson(summary),
    schema: "baleen.native-results/1",
    bundle,
    leftover: leftover && { what: leftover.what, command: leftover.command },
    parameters,
    runs: summary.runs.map(buildNativeRunJson),
  });
}

function rowJson(result: NativeResult) {
  const { figures, parameters, verdict } = result;
  return present({
    benchmark_number: result.benchmarkNumber,
    file: nativeRunFileName(result),
    load: parameters.loadTps,
    repetition: result.repetition,
    throughput: optionalJson(figures.throughputTps),
    submitted_load: optionalJson(figures.submittedTps),
    avg_latency_ms: optionalJson(figures.latency?.meanMs),
    latency_std_dev_ms: optionalJson(figures.latency?.stdDevMs),
    p50: boundsJson(figures.latency?.p50),
    p99: boundsJson(figures.latency?.p99),
    verdict: { status: verdict.status, reasons: verdict.reasons },
  });
}
