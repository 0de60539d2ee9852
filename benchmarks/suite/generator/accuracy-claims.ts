/** How near to the truth reported latencies have to be. Pure. */
import type { KnownDelays, KnownQuantiles, Pacing } from "./arrivals.ts";
import type { Claim } from "./findings.ts";
import { median } from "./options.ts";

export interface Case {
  readonly name: string;
  readonly delays: KnownDelays;
}

/** One run: what the generator reported, and what was so. Milliseconds. */
export interface Judged {
  readonly generator: string;
  readonly case: string;
  readonly reported: { readonly [Name in keyof KnownQuantiles]: number | undefined };
  readonly known: KnownQuantiles;
  readonly by: "the sink's record" | "theory";
}

const allowedRatio = 0.02;
const allowedMs = 0.3;
const allowedStopRatio = 0.01;

/** How far the C spin loop is from the ideal line here: what nobody can be better than. */
export interface Floor {
  readonly p99Ms: number;
  readonly p999Ms: number;
}

export function floorOf({ p99Us, p999Us }: Pacing): Floor {
  return { p99Ms: p99Us / 1000, p999Ms: p999Us / 1000 };
}

/** A machine whose floor is higher is busy with something else: nothing follows from what is measured on it. */
const mostFloorMs = 1;

/** One claim for each quantile of the tool's own runs of a case; the middle error of the rounds counts. */
export function accuracyClaims({ name }: Case, judged: readonly Judged[], floor: Floor): Claim[] {
  const own = judged.filter((each) => each.case === name && each.by === "the sink's record");
  const labels = { p50: "p50", p99: "p99", p999: "p99.9" } as const;
  return (["p50", "p99", "p999"] as const).map((quantile) => {
    const extraMs = quantile === "p999" ? floor.p999Ms : 0;
    const errors = own.map(({ reported, known }) => (reported[quantile] ?? Number.NaN) - known[quantile]);
    const excesses = own.map(({ known }, index) => {
      const allowed = Math.max(known[quantile] * allowedRatio, allowedMs) + extraMs;
      return Math.abs(errors[index] ?? Number.NaN) - allowed;
    });
    const error = median(errors);
    const isBusy = floor.p99Ms > mostFloorMs;
    return {
      what: `${labels[quantile]} where delays are: ${name}`,
      asked: `2 % or ${allowedMs} ms${extraMs > 0 ? `, and the floor's ${extraMs.toFixed(3)} ms` : ""}`,
      measured: Number.isNaN(error)
        ? "no run"
        : `error ${error.toFixed(3)} ms${isBusy ? ": the machine is too busy to tell" : ""}`,
      holds: Number.isNaN(error) || isBusy ? undefined : median(excesses) <= 0,
    };
  });
}

/**
 * Of an even load through a window with one stop, a share of stop / window waits, the first of them for all of it and
 * the last for nothing: the quantile q lies (1 - q) · window below the length of the stop.
 */
export function stopTheoryMs(q: number, { stopSecs, windowSecs }: StopLengths): number {
  return (stopSecs - (1 - q) * windowSecs) * 1000;
}

export interface StopLengths {
  readonly stopSecs: number;
  readonly windowSecs: number;
}

export function stopClaim(p99sMs: readonly number[], lengths: StopLengths): Claim {
  const theoryMs = stopTheoryMs(0.99, lengths);
  const p99Ms = median(p99sMs);
  return {
    what: `p99 where the sink is stopped for ${lengths.stopSecs} s`,
    asked: `within 1 % of ${theoryMs.toFixed(1)} ms`,
    measured: Number.isNaN(p99Ms) ? "no run" : `${p99sMs.map((each) => each.toFixed(1)).join(", ")} ms`,
    holds: Number.isNaN(p99Ms) ? undefined : Math.abs(p99Ms / theoryMs - 1) <= allowedStopRatio,
  };
}
