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

/** How far the C spin loop's sending is from the ideal line here: what nobody can be better than. */
export interface Floor {
  readonly p999Ms: number;
}

export function floorOf({ p999Us }: Pacing): Floor {
  return { p999Ms: p999Us / 1000 };
}

/** One claim for each quantile of a case; the middle error of the rounds counts. */
export function accuracyClaims(
  { name }: Case,
  { own, floor }: { readonly own: readonly Judged[]; readonly floor: readonly Judged[] },
  pacingFloor: Floor,
): Claim[] {
  const labels = { p50: "p50", p99: "p99", p999: "p99.9" } as const;
  return (["p50", "p99", "p999"] as const).map((quantile) => {
    const extraMs = quantile === "p999" ? pacingFloor.p999Ms : 0;
    const judge = (runs: readonly Judged[]) => {
      const ofCase = runs.filter((each) => each.case === name);
      const errors = ofCase.map(
        ({ reported, known }) => (reported[quantile] ?? Number.NaN) - known[quantile],
      );
      const excesses = ofCase.map(({ known }, index) => {
        const allowed = Math.max(known[quantile] * allowedRatio, allowedMs) + extraMs;
        return Math.abs(errors[index] ?? Number.NaN) - allowed;
      });
      return { errorMs: median(errors), holds: median(excesses) <= 0 };
    };
    const [ours, loop] = [judge(own), judge(floor)];
    // Nothing follows from a machine on which a loop that does nothing else is as far off.
    const isBusy = !(ours.holds || loop.holds) && !Number.isNaN(loop.errorMs);
    const show = (ms: number) => (Number.isNaN(ms) ? "no run" : `${ms.toFixed(3)} ms`);
    return {
      what: `${labels[quantile]} where delays are: ${name}`,
      asked: `2 % or ${allowedMs} ms${extraMs > 0 ? `, and the floor's ${extraMs.toFixed(3)} ms` : ""}`,
      measured: `${show(ours.errorMs)} off; the C loop ${show(loop.errorMs)}${isBusy ? ": the machine is too busy to tell" : ""}`,
      holds: Number.isNaN(ours.errorMs) || isBusy ? undefined : ours.holds,
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
