/** How the offered load changes over a run's measurement window. Plain data; load/timeline computes with it. */
import { type Of, record, tagged } from "../../core/documents/form.ts";
import { given, list, positive, text } from "../../core/documents/form-values.ts";

const tracePoint = record("A level and the time from which it applies.", {
  second: given("Seconds since the beginning, ascending; the first is 0."),
  level: given("Level from then on."),
});

export interface TracePoint extends Of<typeof tracePoint> {}

const periodSecs = positive("From the beginning of one period to the next, seconds.");

const openKinds = {
  constant: { level: given("The one level.") },
  ramp: { from: given("Level at the beginning."), to: given("Level at the end.") },
  steps: {
    levels: list("Levels, in order, each for an equal part of the time.", given("One level."), { fewest: 1 }),
  },
  bursts: {
    base: given("Level between bursts."),
    burst: given("Level of bursts."),
    burstSecs: positive("Length of each burst, at the end of its period, seconds."),
    periodSecs,
  },
  sine: { from: given("Level at the beginning."), to: given("Level after half a period."), periodSecs },
  trace: { points: list("Points, in order; each level applies until the next.", tracePoint, { fewest: 1 }) },
} as const;

const levels = "Levels are multiples of the load.";
const openProfile = tagged(`How the load changes over some time. ${levels}`, "kind", openKinds);

/** Every number but those of seconds is a level: a multiple of the load that is given, 0 or more. */
export type OpenProfile = Of<typeof openProfile>;

const phase = record("One part of the window. The time of its profile starts with it.", {
  name: text("Name of the phase in all tables."),
  durationSecs: positive("Its length, seconds."),
  profile: openProfile,
});

export interface LoadPhase extends Of<typeof phase> {}

export const profileForm = tagged(
  `How the load changes over the window. closed: no schedule; load is the number of transactions in flight. ${levels}`,
  "kind",
  {
    ...openKinds,
    phases: { phases: list("Phases, in order; together they fill the window.", phase, { fewest: 1 }) },
    closed: {},
  },
);

export type LoadProfile = Of<typeof profileForm>;

/** What a load says: in an open loop how many transactions a second are sent, in a closed one how many are under way. */
export type LoadKind = "open-loop" | "closed-loop";

/** Unit of a load. */
export const loadUnits = { "open-loop": "tx/s", "closed-loop": "in flight", native: "tx/s" } as const;

/** What a load says, also where the nodes make it. */
export type MeasuredLoadKind = keyof typeof loadUnits;

export function loadKindOf({ kind }: LoadProfile): LoadKind {
  return kind === "closed" ? "closed-loop" : "open-loop";
}

/**
 * A part of the window over which the rate is one formula: in a straight line from one rate to the other, or from
 * `fromTps` to `toTps` and back again in every period: mean - half the swing × cos(2π t / period). Times are milliseconds
 * from the start of the window.
 */
export type RatePiece = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly fromTps: number;
  readonly toTps: number;
} & ({ readonly kind: "linear" } | { readonly kind: "sine"; readonly periodMs: number });
