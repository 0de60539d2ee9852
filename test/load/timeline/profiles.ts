import fc from "fast-check";
import type { LoadProfile, OpenProfile } from "../../../src/contracts/load/load-profile.ts";
import { expectedTransactions } from "../../../src/load/timeline/profile.ts";

const level = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 10, noNaN: true }));
const some = fc.double({ min: 0.01, max: 10, noNaN: true });
const period = fc.double({ min: 0.5, max: 100, noNaN: true });

/** Any profile that is open, not offering nothing all the time. */
export const openProfile: fc.Arbitrary<OpenProfile> = fc.oneof(
  some.map((own) => ({ kind: "constant", level: own }) as const),
  fc.record({ kind: fc.constant("ramp" as const), from: level, to: some }),
  fc.record({ kind: fc.constant("ramp" as const), from: some, to: level }),
  fc.record({
    kind: fc.constant("steps" as const),
    levels: fc
      .array(level, { minLength: 1, maxLength: 6 })
      .chain((levels) => fc.tuple(fc.constant(levels), some).map(([list, last]) => [...list, last])),
  }),
  fc
    .record({
      base: level,
      burst: some,
      periodSecs: period,
      share: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
    })
    .map(({ share, ...rest }) => ({ kind: "bursts" as const, ...rest, burstSecs: rest.periodSecs * share })),
  fc.record({ kind: fc.constant("sine" as const), from: level, to: some, periodSecs: period }),
  fc
    .array(fc.record({ gap: fc.double({ min: 0.1, max: 20, noNaN: true }), level }), { maxLength: 6 })
    .chain((rows) => some.map((first) => ({ rows, first })))
    .map(({ rows, first }) => {
      let second = 0;
      const later = rows.map(({ gap, level: own }) => {
        second += gap;
        return { second, level: own };
      });
      return { kind: "trace" as const, points: [{ second: 0, level: first }, ...later] };
    }),
);

/** The same, and phases of them; all offer something within their window. */
export const anyProfile: fc.Arbitrary<LoadProfile> = fc
  .oneof(
    openProfile,
    fc
      .array(
        fc.record({ durationSecs: fc.double({ min: 0.5, max: 30, noNaN: true }), profile: openProfile }),
        {
          minLength: 1,
          maxLength: 4,
        },
      )
      .map((phases) => ({
        kind: "phases" as const,
        phases: phases.map((phase, index) => ({ name: `phase ${index}`, ...phase })),
      })),
  )
  .filter((profile) => expectedTransactions(profile, { loadTps: 1, windowSecs: windowSecsOf(profile) }) > 0);

/** How long the window of a profile is in tests: its phases', else 60 s. */
export function windowSecsOf(profile: LoadProfile): number {
  return profile.kind === "phases"
    ? profile.phases.reduce((sum, { durationSecs }) => sum + durationSecs, 0)
    : 60;
}
