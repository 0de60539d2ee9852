/** How numbers look to people. Published JSON rounds by itself: core/documents/numbers.ts. */

import type { BoundedValue } from "../../../contracts/results/bounded.ts";
import type { Quantile } from "../../../contracts/results/latency.ts";
import type { MetricMean } from "../../../contracts/results/load-summary.ts";

/** Shown where nothing was seen; never a 0. */
export const nothingSeen = "-";

export const seen = <T>(value: T | undefined, format: (value: T) => string): string =>
  value === undefined ? nothingSeen : format(value);

/** "2 runs", "1 run". */
export const formatCountOf = (count: number, noun: string, plural = `${noun}s`) =>
  `${count} ${count === 1 ? noun : plural}`;

/** A name and its value; undefined: the line is left out. */
export type Entry = readonly [name: string, value: string | undefined];

export const entryLines = (entries: readonly Entry[]): string[] =>
  entries.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name}: ${value}`]));

/** A measured number: two decimals below 10, one below 1000, none above, which is what a histogram resolves. */
export function formatFigure(value: number): string {
  // The edges lie where rounding would add a digit: 9.999 is 10.0.
  if (value < 9.995) return value.toFixed(2);
  return value.toFixed(value < 999.95 ? 1 : 0);
}

/** A number somebody asked for, as they wrote it: 100, 0.5, 1.667. */
export function formatAsked(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

/** 95.2 ms. */
export function formatMs(ms: number | undefined): string {
  return ms === undefined ? "none seen" : `${formatFigure(ms)} ms`;
}

/** 95.2 tx/s. */
export function formatTps(tps: number): string {
  return `${formatFigure(tps)} tx/s`;
}

/** A ratio as percent: 95.0%. Rounded towards zero, so that 100.0% never stands where one is missing. */
export function formatPercent(ratio: number): string {
  // The tiny addition keeps ratios such as 0.29, which have no exact binary form, from losing a tenth.
  return `${(Math.floor(ratio * 1000 + 1e-9) / 10).toFixed(1)}%`;
}

/** A share that may be below 0: +3.2%, -0.4%. */
export function formatSignedPercent(ratio: number): string {
  const shown = (ratio * 100).toFixed(1);
  // What rounds to nothing has no sign.
  if (Number(shown) === 0) return "0.0%";
  return `${ratio > 0 ? "+" : ""}${shown}%`;
}

/** 44.1, or ≥30000 where the quantile falls among the transactions whose end was not seen. */
export function formatQuantile(quantile: Quantile | undefined): string {
  if (quantile === undefined) return nothingSeen;
  return `${quantile.atLeast ? "≥" : ""}${formatFigure(quantile.ms)}`;
}

/** A value, or what is known of it: "≥25", and of one in a bucket "25–50". */
export function formatBound({ value, atLeast, upTo }: BoundedValue, show: (value: number) => string): string {
  if (atLeast && upTo !== undefined) return `${show(value)}–${show(upTo)}`;
  return `${atLeast ? "≥" : ""}${show(value)}`;
}

/**
 * A mean over runs with half its 95 % confidence interval: 95.2 ± 1.3, or ≥95.2 where a run knows only a bound.
 *
 * @param scale what both are multiplied by, such as 100 for percent
 * @param gap between the two
 */
export function formatMean(metric: MetricMean | undefined, { scale = 1, gap = " " } = {}): string {
  if (metric === undefined) return nothingSeen;
  const { low, high } = metric;
  const mean = formatBound({ ...metric, value: metric.mean }, (value) => formatFigure(value * scale));
  if (low === undefined || high === undefined) return mean;
  return `${mean}${gap}± ${formatFigure(((high - low) / 2) * scale)}`;
}

/** 3 min 30 s */
export function formatDuration(totalSecs: number): string {
  const secs = Math.round(totalSecs);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(secs / 3600), "h"],
    [Math.floor((secs % 3600) / 60), "min"],
    [secs % 60, "s"],
  ];
  const reported = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return reported.length === 0 ? "0 s" : reported.join(" ");
}

const byteSteps = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** 5.10 GiB. */
export function formatBytes(bytes: number): string {
  const step = Math.min(byteSteps.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return step === 0 ? `${Math.round(bytes)} B` : `${formatFigure(bytes / 1024 ** step)} ${byteSteps[step]}`;
}
