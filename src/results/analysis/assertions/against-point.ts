/** Points of a variation, held against one of them. Pure. */
import type { AssertedOrder, Assertion } from "../../../contracts/results/assertion.ts";
import type { Interval } from "../../../contracts/results/interval.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import type { HeldPoint } from "../../../contracts/results/variation.ts";
import { present } from "../../../core/documents/numbers.ts";
import { seededRandom } from "../../../core/random.ts";
import { ratioInterval } from "../../../metrics/stats/ratio-of-means.ts";
import { isCounted } from "../../../metrics/stats/run-metrics.ts";
import { meanOf } from "../../../metrics/stats/sample.ts";
import { formatAssertion } from "../../../options/rules/assertion.ts";
import { runsForVerdict } from "../comparison/compare-verdict.ts";
import { parameterDifferences, refusedDifferences } from "../comparison/parameter-differences.ts";
import { describeInvalid, meanOfRuns, noLimit } from "./assertions.ts";

/** Runs a point below which there is no interval. */
export const fewestHeldRuns = runsForVerdict;

/** What one point is held to, relative to another of the same command. */
export interface HeldRuns {
  /** Name of its bundle. */
  readonly bundle: string;
  readonly runs: readonly MeasuredRun[];
  /** Those of the point that is the baseline. */
  readonly baseline: readonly MeasuredRun[];
}

/** Every relative assertion at every load that it is about. It holds if the whole interval of the ratio satisfies it. */
export function holdAgainstPoint(assertions: readonly Assertion[], point: HeldRuns): HeldPoint[] {
  const loads = [...new Set(point.baseline.map(({ parameters }) => parameters.loadTps))];
  return loads.flatMap((loadTps) =>
    assertions
      .filter((one) => one.relative && (one.loadTps === undefined || one.loadTps === loadTps))
      .map((assertion) => {
        const at = (runs: readonly MeasuredRun[]) => runs.filter((run) => run.parameters.loadTps === loadTps);
        const sides = { value: at(point.runs), baseline: at(point.baseline) };
        const place = { bundle: point.bundle, loadTps, assertion: formatAssertion(assertion) };
        return { ...place, ...hold(assertion, sides, `${place.bundle}/${loadTps}/${assertion.metric}`) };
      }),
  );
}

type Held = Omit<HeldPoint, "bundle" | "loadTps" | "assertion">;
type Sides = Readonly<Record<"value" | "baseline", readonly MeasuredRun[]>>;

function hold({ metric, order, amount }: Assertion, sides: Sides, seed: string): Held {
  const fail = (reason: string): Held => ({ passed: false, reason });
  const [other] = refusedDifferences(parameterDifferences([{ a: sides.baseline, b: sides.value }]));
  if (other !== undefined)
    return fail(`its ${other.name} is ${other.b}, but that of the baseline is ${other.a}`);
  const [a, b] = [valuesOf(metric, sides.baseline), valuesOf(metric, sides.value)];
  if ("missing" in a) return fail(`${noLimit}${a.missing}`);
  if ("missing" in b) return fail(b.missing);
  if (a.values.some((value) => !(value > 0)))
    return fail(`${noLimit}a run has a value of 0, by which nothing is divided`);
  const [value, baseline] = [meanOf(b.values), meanOf(a.values)];
  const ratio = value / baseline;
  const confidence = ratioInterval(a.values, b.values, seededRandom(`held/${seed}`));
  const limit = 1 + amount / 100;
  const passed = holds[order](confidence, limit);
  const isOpen = !passed && holds[order]({ low: ratio, high: ratio }, limit);
  const reason = isOpen ? "cannot be shown: the interval reaches beyond the limit" : undefined;
  return present({ value, baseline, ratio, confidence, passed, reason });
}

const holds: Readonly<Record<AssertedOrder, (interval: Interval, limit: number) => boolean>> = {
  "<": ({ high }, limit) => high < limit,
  "<=": ({ high }, limit) => high <= limit,
  ">": ({ low }, limit) => low > limit,
  ">=": ({ low }, limit) => low >= limit,
};

type Values = { readonly values: readonly number[] } | { readonly missing: string };

/** One of each run, or why there are none. */
function valuesOf(metric: Assertion["metric"], runs: readonly MeasuredRun[]): Values {
  const invalid = runs.filter((run) => !isCounted(run)).map((run) => run.benchmarkNumber);
  if (invalid.length > 0) return { missing: describeInvalid(invalid) };
  if (runs.length < fewestHeldRuns)
    return { missing: `${runs.length} runs have no interval, ${fewestHeldRuns} are needed` };
  const values: number[] = [];
  for (const run of runs) {
    const found = meanOfRuns(metric, [run]);
    if ("missing" in found) return found;
    if (found.value.atLeast) return { missing: `run ${run.benchmarkNumber}: ${metric} is a lower bound` };
    values.push(found.value.value);
  }
  return { values };
}
