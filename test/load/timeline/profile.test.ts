import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LoadProfile } from "../../../src/contracts/load/load-profile.ts";
import { buildRates, countPieces, phaseSpans } from "../../../src/load/timeline/profile.ts";
import {
  highestTps,
  openInverse,
  transactionsIn,
  transactionsUpTo,
} from "../../../src/load/timeline/rates.ts";
import { anyProfile, windowSecsOf } from "./profiles.ts";

const at = { loadTps: 100, windowMs: 8_000 };
const spans = (profile: LoadProfile) =>
  buildRates(profile, at)?.map(({ fromMs, toMs, fromTps, toTps }) => [fromMs, toMs, fromTps, toTps]);

describe("the rates of a profile", () => {
  test("are none where the load stays as it was given, and in a closed loop", () => {
    expect(spans({ kind: "constant", level: 1 })).toBeUndefined();
    expect(spans({ kind: "closed" })).toBeUndefined();
  });

  test.each<[string, LoadProfile, number[][]]>([
    ["another level", { kind: "constant", level: 0.5 }, [[0, 8_000, 50, 50]]],
    ["a ramp goes over the whole window", { kind: "ramp", from: 0, to: 2 }, [[0, 8_000, 0, 200]]],
    [
      "steps are equally long",
      { kind: "steps", levels: [0.5, 2] },
      [
        [0, 4_000, 50, 50],
        [4_000, 8_000, 200, 200],
      ],
    ],
    [
      "bursts end each period, and the window cuts the last one",
      { kind: "bursts", base: 1, burst: 3, burstSecs: 2, periodSecs: 5 },
      [
        [0, 3_000, 100, 100],
        [3_000, 5_000, 300, 300],
        [5_000, 8_000, 100, 100],
      ],
    ],
    ["a sine is one piece", { kind: "sine", from: 1, to: 0, periodSecs: 3 }, [[0, 8_000, 100, 0]]],
    [
      "a trace's points hold, the last one to the end",
      {
        kind: "trace",
        points: [
          { second: 0, level: 2 },
          { second: 1.5, level: 0 },
          { second: 9, level: 4 },
        ],
      },
      [
        [0, 1_500, 200, 200],
        [1_500, 8_000, 0, 0],
      ],
    ],
    [
      "phases follow one another, each with its own time",
      {
        kind: "phases",
        phases: [
          { name: "quiet", durationSecs: 2, profile: { kind: "constant", level: 1 } },
          { name: "rise", durationSecs: 6, profile: { kind: "ramp", from: 1, to: 2 } },
        ],
      },
      [
        [0, 2_000, 100, 100],
        [2_000, 8_000, 100, 200],
      ],
    ],
  ])("%s", (_, profile, expected) => {
    expect(spans(profile)).toEqual(expected);
  });

  test("cover the window without gaps, in no more pieces than were counted", () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const windowMs = windowSecsOf(profile) * 1000;
        const rates = buildRates(profile, { loadTps: 100, windowMs });
        if (rates === undefined) return;
        expect(rates[0]?.fromMs).toBe(0);
        expect(rates.at(-1)?.toMs).toBe(windowMs);
        for (const [index, { fromMs, toMs }] of rates.entries()) {
          expect(toMs).toBeGreaterThan(fromMs);
          if (index > 0) expect(fromMs).toBe(rates[index - 1]?.toMs);
        }
        expect(rates.length).toBeLessThanOrEqual(countPieces(profile, windowMs / 1000));
      }),
    );
  });
});

describe("the integral of a rate", () => {
  test.each<[string, LoadProfile, number]>([
    ["a ramp from nothing", { kind: "ramp", from: 0, to: 2 }, 800],
    ["two steps", { kind: "steps", levels: [0.5, 2] }, 1_000],
    ["whole periods of a sine", { kind: "sine", from: 0.5, to: 1.5, periodSecs: 2 }, 800],
    ["half a period of a sine", { kind: "sine", from: 0, to: 1, periodSecs: 16 }, 400],
  ])("of %s", (_, profile, expected) => {
    expect(transactionsIn(buildRates(profile, at) ?? [])).toBeCloseTo(expected, 9);
  });

  test("is the sum of the rate over small steps", () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const windowMs = windowSecsOf(profile) * 1000;
        for (const piece of buildRates(profile, { loadTps: 100, windowMs }) ?? []) {
          const [length, steps] = [piece.toMs - piece.fromMs, 2_000];
          let sum = 0;
          for (let step = 0; step < steps; step++) {
            const ms = ((step + 0.5) * length) / steps;
            const share =
              piece.kind === "linear" ? ms / length : (1 - Math.cos((2 * Math.PI * ms) / piece.periodMs)) / 2;
            sum += ((piece.fromTps + (piece.toTps - piece.fromTps) * share) / 1000) * (length / steps);
          }
          expect(Math.abs(transactionsUpTo(piece, length) - sum)).toBeLessThan(1e-3 * (1 + sum));
        }
      }),
      { numRuns: 50 },
    );
  });

  test("is inverted to within the transactions of a nanosecond, also where a sine touches 0", () => {
    const place = fc.integer({ min: 0, max: 1_000_000 }).map((part) => part / 1_000_000);
    fc.assert(
      fc.property(anyProfile, place, fc.constantFrom(0.1, 100, 1e6), (profile, share, loadTps) => {
        const windowMs = windowSecsOf(profile) * 1000;
        const rates = buildRates(profile, { loadTps, windowMs }) ?? [];
        const highestPerNs = highestTps(rates) / 1e9;
        for (const piece of rates) {
          const all = transactionsUpTo(piece, piece.toMs - piece.fromMs);
          if (all === 0) continue;
          const ms = openInverse(piece)(share * all);
          expect(Math.abs(transactionsUpTo(piece, ms) - share * all)).toBeLessThan(highestPerNs);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("the parts that are told apart", () => {
  test.each<[string, LoadProfile, [string, number, number][]]>([
    ["no parts of a ramp", { kind: "ramp", from: 0, to: 1 }, []],
    [
      "steps by their numbers",
      { kind: "steps", levels: [1, 0, 2] },
      [
        ["step 1", 0, 3],
        ["step 2", 3, 6],
        ["step 3", 6, 9],
      ],
    ],
    [
      "a trace's points within the window",
      {
        kind: "trace",
        points: [
          { second: 0, level: 1 },
          { second: 4, level: 2 },
          { second: 9, level: 3 },
        ],
      },
      [
        ["step 1", 0, 4],
        ["step 2", 4, 9],
      ],
    ],
    [
      "phases by their names",
      {
        kind: "phases",
        phases: [
          { name: "a", durationSecs: 2.5, profile: { kind: "constant", level: 1 } },
          { name: "b", durationSecs: 6.5, profile: { kind: "steps", levels: [1, 2] } },
        ],
      },
      [
        ["a", 0, 2.5],
        ["b", 2.5, 9],
      ],
    ],
  ])("%s", (_, profile, expected) => {
    expect(
      phaseSpans(profile, 9).map(({ name, fromMs, toMs }) => [name, fromMs / 1000, toMs / 1000]),
    ).toEqual(expected);
  });

  test("that begin exactly where their rates do, also where fractions of a second add up", () => {
    const secs = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(secs, (durationsMs) => {
        const phases = durationsMs.map((ms, index) => ({
          name: `phase ${index}`,
          durationSecs: ms / 1000,
          profile: { kind: "constant", level: index + 1 } as const,
        }));
        const windowSecs = durationsMs.reduce((sum, ms) => sum + ms, 0) / 1000;
        const profile = { kind: "phases", phases } as const;
        const rates = buildRates(profile, { loadTps: 1, windowMs: windowSecs * 1000 }) ?? [];
        const places = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) => [
          fromMs,
          toMs,
        ];
        expect(phaseSpans(profile, windowSecs).map(places)).toEqual(rates.map(places));
      }),
      { examples: [[[100, 200, 300]]] },
    );
  });
});
