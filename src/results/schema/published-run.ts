/** The published form of a run, whoever made its load. */
import {
  type MeasuredRun,
  type NativeResult,
  nativeFields,
  nativeRunSchema,
} from "../../contracts/results/native/native.ts";
import type { Form } from "../../core/documents/form.ts";
import { documentForm } from "../../core/documents/form-values.ts";
import type { Fields } from "./fields.ts";
import { buildRunJson, parseRunJson, readAgain, runForm, writeRun } from "./run.ts";

export const measuredRunJson = (run: MeasuredRun) =>
  run.kind === "native" ? buildNativeRunJson(run) : buildRunJson(run);

/** In its bundle: local_benchmark_1_100txs.json, local_benchmark_1_64inflight.json, local_native_1_100txs.json. */
export function runFileName({ kind, benchmarkNumber, parameters }: MeasuredRun): string {
  const { networkType, loadTps } = parameters;
  const what = kind === "native" ? "native" : "benchmark";
  const unit = kind === "closed-loop" ? "inflight" : "txs";
  return `${networkType}_${what}_${benchmarkNumber}_${loadTps}${unit}.json`;
}

/**
 * The inverse of `measuredRunJson`.
 *
 * @throws EarlierVersionError
 * @throws FormError naming what is missing or wrong
 */
export function parseMeasuredRun(document: unknown): MeasuredRun {
  const schema = (document as { readonly schema?: unknown } | null)?.schema;
  return schema === nativeRunSchema ? parseNativeRunJson(document) : parseRunJson(document);
}

/**
 * The run as its file holds it, with rounded numbers. What is computed or decided from runs is computed from these, so
 * that it comes out the same for whoever reads the files.
 */
export function publishedRun<Run extends MeasuredRun>(run: Run): Run {
  const known = published.get(run) as Run | undefined;
  if (known !== undefined) return known;
  // A form is read as what it was made of.
  const form: unknown = run.kind === "native" ? nativeRunForm : runForm;
  const read = (form as Form<Run>).parts.read(measuredRunJson(run));
  published.set(run, read).set(read, read);
  return read;
}

const published = new WeakMap<MeasuredRun, MeasuredRun>();

export const nativeRunForm = documentForm(
  nativeRunSchema,
  "One run of a load that the nodes generate and count themselves: <network>_native_<n>_<load>txs.json in a bundle. Unknown values are omitted.",
  nativeFields,
).adapted<NativeResult>(
  ({ parameters, figures, faults, linkChanges, verdict, ...run }) => ({
    ...run,
    generator: "native",
    networkType: parameters.networkType,
    parameters,
    results: { ...figures, faults, linkChanges },
    nodes: run.nodes.map((node) => ({
      ...node,
      counts: figures.nodes.find(({ name }) => name === node.name),
    })),
    verdict: { ...verdict, limits: { achievedRatio: parameters.achievedRatio } },
  }),
  ({
    generator,
    networkType,
    parameters,
    results: { faults, linkChanges, ...figures },
    verdict: { limits, ...verdict },
    nodes,
    ...run
  }) => ({
    ...run,
    faults,
    linkChanges,
    kind: generator,
    latencyKind: "native",
    parameters: { ...parameters, networkType, achievedRatio: limits.achievedRatio },
    figures: {
      ...figures,
      nodes: nodes.flatMap(({ name, counts }) => (counts === undefined ? [] : [{ name, ...counts }])),
    },
    nodes: nodes.map(({ counts, ...node }) => node),
    verdict,
  }),
);

/** Whether a bundle with these parameters holds runs whose load the nodes made. */
export const makesOwnLoad = (parameters: Fields): boolean => parameters.value("generator") !== undefined;

/** The published form of a run whose load the nodes made. @throws InvalidArgumentError where a measured number is not finite */
export const buildNativeRunJson = (result: NativeResult) => writeRun(nativeRunForm, result);

/**
 * The inverse of `buildNativeRunJson`. Numbers stand as they were published, rounded; keys that this version does not
 * write, and values that contradict each other, are refused.
 *
 * @throws FormError naming what is missing or wrong
 */
export const parseNativeRunJson = (document: unknown): NativeResult => readAgain(nativeRunForm, document);
