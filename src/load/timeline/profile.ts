/** From a load profile to rates over the window, and to the parts of it that are told apart. */
import type { LoadPhase, LoadProfile, OpenProfile, RatePiece } from "../../contracts/load/load-profile.ts";
import { transactionsIn } from "./rates.ts";

/** Pieces of one profile at most: a client's plan holds all of them. */
export const mostPieces = 100_000;
/** Parts with results of their own at most; each costs memory for its latencies. */
export const mostPhases = 100;

/** A part of the window that has results of its own. Times are milliseconds from its start, those of its rates. */
export interface PhaseSpan {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Where a profile lies: from when to when, and what its levels are multiples of. */
interface Place {
  readonly loadTps: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The rate over a window in pieces, in order and without gaps.
 *
 * @returns undefined where the load is the same all the time, or a closed loop has none
 */
export function buildRates(
  profile: LoadProfile,
  { loadTps, windowMs }: { readonly loadTps: number; readonly windowMs: number },
): readonly RatePiece[] | undefined {
  if (profile.kind === "closed") return undefined;
  if (profile.kind === "constant" && profile.level === 1) return undefined;
  if (profile.kind !== "phases") return pieces(profile, { loadTps, fromMs: 0, toMs: windowMs });
  const starts = phaseStarts(profile.phases);
  return profile.phases.flatMap(({ profile: own }, index) =>
    pieces(own, {
      loadTps,
      fromMs: Math.min(windowMs, starts[index]?.fromMs ?? 0),
      toMs: Math.min(windowMs, starts[index + 1]?.fromMs ?? windowMs),
    }),
  );
}

/** Where each of them begins: the one sum that both rates and results go by. */
function phaseStarts(phases: readonly LoadPhase[]): readonly SpanStart[] {
  let atMs = 0;
  return phases.map(({ name, durationSecs }) => {
    const start = { name, fromMs: atMs };
    atMs += durationSecs * 1000;
    return start;
  });
}

function pieces(profile: OpenProfile, { loadTps, fromMs, toMs }: Place): RatePiece[] {
  if (toMs <= fromMs) return [];
  const linear = (span: readonly [number, number], from: number, to = from): RatePiece => ({
    kind: "linear",
    fromMs: span[0],
    toMs: span[1],
    fromTps: from * loadTps,
    toTps: to * loadTps,
  });
  const whole = [fromMs, toMs] as const;
  if (profile.kind === "ramp") return [linear(whole, profile.from, profile.to)];
  if (profile.kind === "sine") {
    const { from, to, periodSecs } = profile;
    return [{ ...linear(whole, from, to), kind: "sine", periodMs: periodSecs * 1000 }];
  }
  return held(levelStarts(profile, (toMs - fromMs) / 1000), { fromMs, toMs }, linear);
}

interface LevelStart {
  /** Seconds from the beginning of the profile. */
  readonly second: number;
  readonly level: number;
}

/** Levels that hold until the next one begins. */
function held(
  starts: readonly LevelStart[],
  { fromMs, toMs }: Pick<Place, "fromMs" | "toMs">,
  linear: (span: readonly [number, number], level: number) => RatePiece,
): RatePiece[] {
  const at = (index: number) => {
    const second = starts[index]?.second;
    return second === undefined ? toMs : Math.min(toMs, fromMs + second * 1000);
  };
  return starts.flatMap(({ level }, index) => {
    const span = [at(index), at(index + 1)] as const;
    return span[1] > span[0] ? [linear(span, level)] : [];
  });
}

function levelStarts(
  profile: Exclude<OpenProfile, { readonly kind: "ramp" | "sine" }>,
  lengthSecs: number,
): readonly LevelStart[] {
  switch (profile.kind) {
    case "constant":
      return [{ second: 0, level: profile.level }];
    case "steps": {
      const { levels } = profile;
      return levels.map((level, index) => ({ second: (index * lengthSecs) / levels.length, level }));
    }
    case "bursts": {
      const { base, burst, burstSecs, periodSecs } = profile;
      return Array.from({ length: Math.ceil(lengthSecs / periodSecs) }, (_, index) => [
        { second: index * periodSecs, level: base },
        { second: (index + 1) * periodSecs - burstSecs, level: burst },
      ]).flat();
    }
    case "trace":
      return profile.points;
  }
}

/** Pieces that a profile comes to, so that too many can be refused before any is made. */
export function countPieces(profile: LoadProfile, lengthSecs: number): number {
  switch (profile.kind) {
    case "phases":
      return profile.phases.reduce((sum, phase) => sum + countPieces(phase.profile, phase.durationSecs), 0);
    case "steps":
      return profile.levels.length;
    case "bursts":
      return 2 * Math.ceil(lengthSecs / profile.periodSecs);
    case "trace":
      return profile.points.length;
    default:
      return 1;
  }
}

/**
 * The parts of the window that get results of their own: phases by their names, else steps and the points of a trace
 * (of at most a hundred) by their numbers. Empty where the profile has none.
 */
export function phaseSpans(profile: LoadProfile, windowSecs: number): readonly PhaseSpan[] {
  const windowMs = windowSecs * 1000;
  const starts = spanStarts(profile, windowMs).filter(({ fromMs }) => fromMs < windowMs);
  return starts.map(({ name, fromMs }, index) => ({
    name,
    fromMs,
    toMs: starts[index + 1]?.fromMs ?? windowMs,
  }));
}

type SpanStart = Pick<PhaseSpan, "name" | "fromMs">;

function spanStarts(profile: LoadProfile, windowMs: number): readonly SpanStart[] {
  if (profile.kind === "phases") return phaseStarts(profile.phases);
  if (profile.kind !== "steps" && profile.kind !== "trace") return [];
  if (profile.kind === "trace" && profile.points.length > mostPhases) return [];
  return levelStarts(profile, windowMs / 1000).map(({ second }, index) => ({
    name: `step ${index + 1}`,
    fromMs: second * 1000,
  }));
}

/** Transactions that are due in a window, a fraction; a closed loop's are not known before. */
export function expectedTransactions(
  profile: LoadProfile,
  { loadTps, windowSecs }: { readonly loadTps: number; readonly windowSecs: number },
): number {
  const rates = buildRates(profile, { loadTps, windowMs: windowSecs * 1000 });
  return rates === undefined ? loadTps * windowSecs : transactionsIn(rates);
}

/** Mean over the window as a multiple of the load, of a profile that has no time of its own and so segments with it. */
export function meanLevel(profile: LoadProfile): number {
  return expectedTransactions(profile, { loadTps: 1, windowSecs: 1 });
}
