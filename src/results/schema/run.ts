/** A run's file: the keys of contracts/results/result.ts, and what follows from them for those who only read. */
import { hostClockForm, runLinksForm } from "../../contracts/nodes/links.ts";
import { observerForm } from "../../contracts/results/generator.ts";
import { type RunResult, runFields, runSchema } from "../../contracts/results/result.ts";
import { blockAgeForm } from "../../contracts/results/safety.ts";
import { FormError, readForm } from "../../core/documents/check-form.ts";
import type { Form, Json, ValueOf } from "../../core/documents/form.ts";
import { documentForm } from "../../core/documents/form-values.ts";
import { percent, rounded } from "../../core/documents/numbers.ts";
import { asPublished, writeForm } from "../../core/documents/write-form.ts";
import { blockAgeClaim } from "../../metrics/stats/block-age.ts";
import { certifyClocks } from "../../metrics/stats/clock-certificate.ts";
import { Fields } from "./fields.ts";
import { clientKeys, refuseEarlier } from "./read-error.ts";

type Published = ValueOf<typeof runFields>;

export const runForm = documentForm(
  runSchema,
  "Result of one run of a load: <network>_benchmark_<n>_<load>txs.json in a bundle. Measured values are rounded to three decimals; parameters are as requested.",
  runFields,
  { derive },
).adapted<RunResult>(
  ({ parameters, verdict, ...run }) => ({
    ...run,
    networkType: parameters.networkType,
    parameters,
    verdict: { ...verdict, limits: parameters.limits },
  }),
  (run) => {
    const { networkType, parameters, verdict, ...rest } = run;
    const { limits, ...judged } = verdict;
    return {
      ...rest,
      ...exactRatios(run),
      parameters: { ...parameters, networkType, limits },
      verdict: judged,
    };
  },
);

/**
 * The published form of a run. Parameters stand as they were asked for; measured numbers are rounded to three
 * decimals; what was not seen is left out.
 *
 * @throws InvalidArgumentError where a measured number is not finite
 */
export const buildRunJson = (result: RunResult) => writeRun(runForm, result);

const written = new WeakMap<object, ReturnType<typeof writeForm>>();

/** As `writeForm`, once for each run: many want to see its document. */
export function writeRun<Run extends object>(form: Form<Run>, run: Run): ReturnType<typeof writeForm> {
  const document = written.get(run) ?? writeForm(form, run);
  written.set(run, document);
  return document;
}

/** Derived keys follow from published numbers, so that whoever reads them comes to the same. */
function derive(run: Published) {
  const headline = run.latency[run.latencyKind];
  return {
    results: {
      avg_latency_ms: headline?.meanMs && rounded(headline.meanMs),
      latency_std_dev_ms: headline?.stdDevMs && rounded(headline.stdDevMs),
      duration_secs: rounded(run.parameters.durationSecs),
      ...(run.blockAge && { block_age: deriveClaim(run) }),
    },
    ...(run.observer && { observer: { cpu_us_per_commit: cpuUsPerCommit(run) } }),
    ...(run.links && { links: { clocks: deriveClocks(run.links) } }),
  };
}

/** CPU time of watching for each commit seen in the window. */
export function cpuUsPerCommit({
  observer,
  observedInWindow,
}: Pick<RunResult, "observer" | "observedInWindow">): number | undefined {
  const cpuMs = observer && asPublished(observerForm, observer).cpuMs;
  return cpuMs === undefined || observedInWindow === 0
    ? undefined
    : rounded((cpuMs * 1000) / observedInWindow);
}

function deriveClaim({ blockAge, links, parameters, networkType, environment, verdict }: Published) {
  const { errorMs, claimed } = blockAgeClaim({
    blockAge: blockAge && asPublished(blockAgeForm, blockAge),
    links: links && asPublished(runLinksForm, links),
    parameters: { ...parameters, networkType, limits: verdict.limits },
    environment,
  });
  return { clock_error_ms: errorMs === undefined ? undefined : rounded(errorMs), claimed };
}

function deriveClocks(links: NonNullable<Published["links"]>) {
  const clocks = certifyClocks(asPublished(runLinksForm, links));
  return clocks.length === 0 ? undefined : clocks.map((clock) => hostClockForm.parts.write(clock));
}

/**
 * The inverse of `buildRunJson`: building the JSON of what this gives makes the same document again. Keys that this
 * version does not write, and values that contradict each other, are refused.
 *
 * @throws EarlierVersionError
 * @throws FormError naming what is missing or wrong
 */
export function parseRunJson(document: unknown): RunResult {
  const run = new Fields(document);
  if (run.text("schema") !== runSchema) throw new FormError("schema", runSchema);
  refuseEarlier(run.object("parameters"), clientKeys);
  return readAgain(runForm, document);
}

/** Reads a document that says nothing more, or else, than what is written of what is read. */
export function readAgain<Run extends object>(form: Form<Run>, document: unknown): Run {
  const run = readForm(form, document);
  const key = firstDifference(document, writeRun(form, run));
  if (key !== undefined) throw new FormError(key.slice(1) || "it", "what follows from the rest of the run");
  return run;
}

/** The way to the first key at which two JSON documents differ, such as ".nodes[0].name". */
function firstDifference(one: unknown, other: unknown): string | undefined {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return one === other ? undefined : "";
  }
  const ours = one as Json;
  const theirs = other as Json;
  for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const rest = firstDifference(ours[key], theirs[key]);
    if (rest !== undefined) return `${Array.isArray(one) ? `[${key}]` : `.${key}`}${rest}`;
  }
  return undefined;
}

/**
 * Ratios come back unrounded, from their counts, so that texts show the same of a run that was read as of a fresh one.
 * Where the counts say something else the published ratio stands: whether a run holds together is not decided here.
 */
function exactRatios(run: Published) {
  const { throughputTps, offeredTps, efficiencyRatio, successRatio, successful, ledger, evidence } = run;
  const { durationSecs } = run.parameters;
  const tps = run.observedInWindow / durationSecs;
  const offered = evidence.windowTransactions / durationSecs;
  const exactly = (published: number, exact: number, publish: (value: number) => number) =>
    Number.isFinite(exact) && publish(exact) === publish(published) ? exact : published;
  return {
    throughputTps: exactly(throughputTps, tps, rounded),
    ...(offeredTps !== undefined && { offeredTps: exactly(offeredTps, offered, rounded) }),
    ...(efficiencyRatio !== undefined && {
      efficiencyRatio: exactly(efficiencyRatio, tps / offered, percent),
    }),
    successRatio: exactly(successRatio, successful / ledger.scheduled, percent),
  };
}
