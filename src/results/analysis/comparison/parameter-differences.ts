import type { ParameterDifference } from "../../../contracts/results/comparison.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { rejectedTotal } from "../../../metrics/stats/ledger.ts";
import { isDriven, isNative } from "../../../metrics/stats/run-metrics.ts";
import { measuredRunJson } from "../../schema/published-run.ts";

/** What is measured may differ: it is what sweeps are compared for. So may every option of the protocol. */
const ofSystem: ReadonlySet<string> = new Set(["runtime", "protocol", "node_binary", "image"]);

/**
 * Not named: the load, which is what is compared at; the seed, which makes other bytes and not another measurement; and
 * a permission that changes no run; what people call their runs.
 */
const leftOut: ReadonlySet<string> = new Set(["load", "seed", "allow_no_quorum", "name", "tags"]);

interface Pair {
  readonly a: readonly MeasuredRun[];
  readonly b: readonly MeasuredRun[];
}

/** By published name, once for each two values that differ at a load. */
export function parameterDifferences(pairs: readonly Pair[]): ParameterDifference[] {
  const found = new Map<string, ParameterDifference>();
  for (const { a, b } of pairs) {
    const [ofA, ofB] = [flatParameters(a), flatParameters(b)];
    const [byA, byB] = [generatorOf(a), generatorOf(b)];
    if (byA !== byB) found.set(generator, { name: generator, a: byA, b: byB, of: "measurement" });
    const [refusedA, refusedB] = [refusalsOf(a), refusalsOf(b)];
    if (refusedA !== "" && refusedB !== "" && refusedA !== refusedB) {
      found.set(refusals, { name: refusals, a: refusedA, b: refusedB, of: "measurement" });
    }
    // What only clients have, or only nodes that make the load, follows from that.
    const names = byA === byB ? [...ofA.keys(), ...ofB.keys()] : ofA.keys().filter((name) => ofB.has(name));
    for (const name of new Set(names)) {
      const [one, other] = [ofA.get(name), ofB.get(name)];
      const { value: valueA, of = other?.of ?? "measurement" } = one ?? { value: "-" };
      const difference: ParameterDifference = { name, a: valueA, b: other?.value ?? "-", of };
      if (difference.a !== difference.b) found.set(JSON.stringify(difference), difference);
    }
  }
  return [...found.values()];
}

/** Name of how replies that refuse enter the latencies of replies. */
const refusals = "refusals";

/** How, in runs whose headline has any. Earlier versions took only acceptances for replies. */
function refusalsOf(runs: readonly MeasuredRun[]): string {
  const refused = runs
    .filter(isDriven)
    .filter(({ latencyKind, ledger }) => latencyKind === "response" && rejectedTotal(ledger) > 0);
  const ways = refused.map(({ latency }) =>
    latency.responseRefused === undefined ? "not answered" : "answered",
  );
  return [...new Set(ways)].sort().join(" or ");
}

/** Name of what made the load: clients of ours, or the nodes themselves. */
const generator = "generator";

export const generatorOf = (runs: readonly MeasuredRun[]) => (runs.some(isNative) ? "native" : "clients");

/** Those of how it was measured that nobody allowed: with them, nobody can tell what the systems do. */
export function refusedDifferences(
  differences: readonly ParameterDifference[],
  allowed: ReadonlySet<string> = new Set(),
): readonly ParameterDifference[] {
  return differences.filter(({ name, of }) => of === "measurement" && !allowed.has(name));
}

/** Published names of what belongs to how runs were measured. */
export function measurementNames(runs: readonly MeasuredRun[]): readonly string[] {
  const names = [...flatParameters(runs)].flatMap(([name, { of }]) => (of === "measurement" ? name : []));
  return refusalsOf(runs) === "" ? names : [...names, refusals];
}

/** By published name: what was measured and how, all but load and seed. */
export function parameterTexts(runs: readonly MeasuredRun[]): Readonly<Record<string, string>> {
  return Object.fromEntries([...flatParameters(runs)].map(([name, { value }]) => [name, value]));
}

interface FlatParameter {
  readonly value: string;
  readonly of: ParameterDifference["of"];
}

/** Several values of one side's runs are joined by "or". */
function flatParameters(runs: readonly MeasuredRun[]): ReadonlyMap<string, FlatParameter> {
  const values = new Map<string, Set<string>>();
  const system = new Set(ofSystem);
  for (const run of runs) {
    const { parameters, verdict } = measuredRunJson(run);
    const { protocol_options, ...rest } = parameters;
    const plain = { ...rest, ...verdict.limits, ...(isNative(run) ? { [generator]: "native" } : {}) };
    const options = Object.fromEntries(
      // A system may call an option of its own what a measurement has too.
      Object.entries(protocol_options).map(([name, value]) => [
        name in plain ? `protocol_options.${name}` : name,
        value,
      ]),
    );
    for (const name of Object.keys(options)) system.add(name);
    for (const [name, value] of Object.entries({ ...plain, ...options })) {
      if (!leftOut.has(name)) values.set(name, (values.get(name) ?? new Set()).add(textOf(value)));
    }
  }
  return new Map(
    [...values].map(([name, found]) => [
      name,
      { value: [...found].sort().join(" or "), of: system.has(name) ? "system" : "measurement" },
    ]),
  );
}

const textOf = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
