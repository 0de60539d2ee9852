/** Options that all scripts about the load generator have, and what follows from them. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { flag, text, type Values } from "../command-line.ts";
import { defaultCache } from "../sink/compile.ts";
import { resultsFolder } from "./findings.ts";
import type { Bench } from "./throughput.ts";

export const benchOptions = {
  quick: flag("a short version, to see that all works; its figures are no measurement"),
  cache: text("FOLDER", "where the peers are installed and the sink is compiled", defaultCache),
  "generator-cores": text("LIST", "cores of the generator, as taskset takes them", "0"),
  "sink-cores": text("LIST", "cores of the sink", "1"),
  results: text("FOLDER", "where the page and its JSON are written", resultsFolder),
} as const;

export function readBench(
  values: Pick<Values<typeof benchOptions>, "cache" | "generator-cores" | "sink-cores">,
): Bench {
  if (availableParallelism() < 2)
    throw new Error("Generator and sink need a core each; this machine has one.");
  return {
    cache: resolve(values.cache),
    generatorCores: values["generator-cores"],
    sinkCores: values["sink-cores"],
  };
}

/** Middle one of an odd number of values, mean of the middle two of an even one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[half]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** "12,345 (11,900–12,800)": median, smallest and largest. */
export function formatSpread(values: readonly number[], digits = 0): string {
  if (values.length === 0) return "failed";
  const show = (value: number) =>
    value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const middle = show(median(values));
  if (values.length === 1) return middle;
  return `${middle} (${show(Math.min(...values))}–${show(Math.max(...values))})`;
}
