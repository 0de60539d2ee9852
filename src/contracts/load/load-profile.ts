/** How the offered load changes over a run's measurement window. Plain data; timeline/ computes with it. */

/** The load as it was given, all the time. */
interface ConstantProfile {
  readonly kind: "constant";
  /** Multiple of the load that is given; 1 unless a phase says otherwise. */
  readonly level: number;
}

/** From one level to another over the whole time, in a straight line. */
interface RampProfile {
  readonly kind: "ramp";
  readonly from: number;
  readonly to: number;
}

/** One level after the other, each for an equal part of the time. */
interface StepsProfile {
  readonly kind: "steps";
  readonly levels: readonly number[];
}

/** A base level; the last `burstSecs` of every `periodSecs` are at another. */
interface BurstsProfile {
  readonly kind: "bursts";
  readonly base: number;
  readonly burst: number;
  readonly burstSecs: number;
  readonly periodSecs: number;
}

/** Swings between two levels: begins at `from`, and is at `to` after half a period. */
interface SineProfile {
  readonly kind: "sine";
  readonly from: number;
  readonly to: number;
  readonly periodSecs: number;
}

/** Each point's level holds from its second on, up to the next point; the last one's to the end. */
interface TraceProfile {
  readonly kind: "trace";
  readonly points: readonly TracePoint[];
}

export interface TracePoint {
  /** Since the beginning, rising; the first is 0. */
  readonly second: number;
  readonly level: number;
}

/** Every number but those of seconds is a level: a multiple of the load that is given, 0 or more. */
export type OpenProfile =
  | ConstantProfile
  | RampProfile
  | StepsProfile
  | BurstsProfile
  | SineProfile
  | TraceProfile;

/** A part of the window with a name and a profile of its own, whose time begins with the part. */
export interface LoadPhase {
  readonly name: string;
  readonly durationSecs: number;
  readonly profile: OpenProfile;
}

interface PhasesProfile {
  readonly kind: "phases";
  /** In order; together they are as long as the window. */
  readonly phases: readonly LoadPhase[];
}

/** A closed loop: the load that is given is how many transactions are under way at any time, not how many a second. */
interface ClosedProfile {
  readonly kind: "closed";
}

export type LoadProfile = OpenProfile | PhasesProfile | ClosedProfile;

/** What a load says: in an open loop how many transactions a second are sent, in a closed one how many are under way. */
export type LoadKind = "open-loop" | "closed-loop";

/** Unit of a load. */
export const loadUnits = { "open-loop": "tx/s", "closed-loop": "in flight", native: "tx/s" } as const;

/** What a load says, also where the nodes make it. */
export type MeasuredLoadKind = keyof typeof loadUnits;

export function loadKindOf({ kind }: LoadProfile): LoadKind {
  return kind === "closed" ? "closed-loop" : "open-loop";
}

/** A part of the window over which the rate is one formula. Times are milliseconds from the start of the window. */
export type RatePiece =
  /** In a straight line from one rate to the other. */
  | {
      readonly kind: "linear";
      readonly fromMs: number;
      readonly toMs: number;
      readonly fromTps: number;
      readonly toTps: number;
    }
  /** From `fromTps` to `toTps` and back again in every period: mean - half the swing × cos(2π t / period). */
  | {
      readonly kind: "sine";
      readonly fromMs: number;
      readonly toMs: number;
      readonly fromTps: number;
      readonly toTps: number;
      readonly periodMs: number;
    };
