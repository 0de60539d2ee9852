import { type LoadProfile, loadKindOf, loadUnits } from "../../../contracts/load/load-profile.ts";
import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { Assertion } from "../../../contracts/results/assertion.ts";
import type { SideRuns } from "../../../contracts/results/comparison.ts";
import type { MeasuredRun } from "../../../contracts/results/native.ts";
import { type NativePlace, nativeParameters, runParameters } from "../../../load/level/run-parameters.ts";
import { isCounted, isNative } from "../../../metrics/stats/run-metrics.ts";
import { formatAssertion } from "../../../options/rules/assertion.ts";
import { generatorOf, parameterDifferences } from "../comparison/parameter-differences.ts";

/** What is measured from a baseline. */
export interface BaselineUse {
  readonly assertions: readonly Assertion[];
  readonly loadsTps: readonly number[];
  readonly profile: LoadProfile;
  readonly protocol?: Pick<SweepParameters["protocol"], "native"> | undefined;
  /** Those that are held against it. */
  readonly runs: readonly MeasuredRun[];
}

/**
 * Why a baseline is none for this: it lacks a load, or was measured in another way, so that what changed could not be
 * told from that. What was measured may differ: it is what a baseline is for. A sentence each, with what to do.
 */
export function baselineDiagnostics(baseline: SideRuns, use: BaselineUse): readonly string[] {
  const made = generatorOf(baseline.runs);
  const makes = use.protocol?.native === true ? "native" : "clients";
  if (baseline.runs.length > 0 && made !== makes) {
    return [
      `its load was made by ${makers[made]}, and here it is by ${makers[makes]}. Give another baseline.`,
    ];
  }
  return [...missingLoads(baseline, use), ...otherMeasurements(baseline, use)];
}

const makers = { native: "the nodes, which counted it themselves (native)", clients: "clients" } as const;

function missingLoads({ runs }: SideRuns, { assertions, loadsTps, profile }: BaselineUse): string[] {
  const unit = loadUnits[loadKindOf(profile)];
  const has = (load: number) => runs.some((run) => run.parameters.loadTps === load && isCounted(run));
  return [...new Set(loadsTps)]
    .filter((load) => !has(load))
    .flatMap((load) => {
      const first = assertions.find(
        ({ relative, loadTps }) => relative && (loadTps === undefined || loadTps === load),
      );
      if (first === undefined) return [];
      return `it has no run at ${load} ${unit} that is not invalid, and "${formatAssertion(first)}" is measured from one. Give another baseline, or name the loads that it has with METRIC@LOAD.`;
    });
}

function otherMeasurements(baseline: SideRuns, use: BaselineUse): string[] {
  const pairs = [...new Set(use.loadsTps)].flatMap((load) => {
    const at = (runs: readonly MeasuredRun[]) => runs.filter(({ parameters }) => parameters.loadTps === load);
    const [a, b] = [at(baseline.runs), at(use.runs)];
    return a.length === 0 || b.length === 0 ? [] : [{ a, b }];
  });
  return parameterDifferences(pairs)
    .filter((difference) => difference.of === "measurement")
    .map(
      ({ name, a, b }) =>
        `its ${name} is ${a}, and here it is ${b}. Make them the same, or give another baseline.`,
    );
}

/** The runs of a sweep before it has begun, as far as they can be held against a baseline: how each will be done. */
export function expectedRuns(parameters: SweepParameters, baseline: SideRuns): readonly MeasuredRun[] {
  return parameters.loadsTps.flatMap((loadTps): MeasuredRun[] => {
    const like = baseline.runs.find((run) => run.parameters.loadTps === loadTps);
    if (like === undefined) return [];
    // What "auto" will come to is taken for what it came to then; the assertions are held to what it comes to.
    const { runtime } = like.parameters;
    return [doneAs(like, parameters, { loadTps, runtime, nodes: parameters.committee })];
  });
}

/** A run as it would have been done by these parameters; what they leave open is as it was. */
export function doneAs(
  run: MeasuredRun,
  parameters: SweepParameters,
  asked: Pick<NativePlace, "loadTps" | "runtime" | "nodes"> & {
    readonly countedOf?: NativePlace["countedOf"] | undefined;
  },
): MeasuredRun {
  const { countedOf, ...rest } = asked;
  const place = { ...rest, protocol: parameters.protocol.name };
  if (isNative(run)) {
    const counted = { ...place, countedOf: countedOf ?? run.parameters.countedOf };
    return { ...run, parameters: nativeParameters(parameters, counted) };
  }
  const { clients, pacing } = run.parameters;
  return { ...run, parameters: runParameters(parameters, { ...place, clients, pacing }) };
}
