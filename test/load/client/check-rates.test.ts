import fc from "fast-check";
import { expect, test } from "vitest";
import type { RatePiece } from "../../../src/contracts/load/load-profile.ts";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { checkRates } from "../../../src/load/client/check-plan.ts";
import { buildRates } from "../../../src/load/timeline/profile.ts";
import { highestTps } from "../../../src/load/timeline/rates.ts";
import { anyProfile, windowSecsOf } from "../timeline/profiles.ts";

const piece = (fromMs: number, toMs: number, fromTps = 10, toTps = fromTps): RatePiece => ({
  kind: "linear",
  fromMs,
  toMs,
  fromTps,
  toTps,
});

test("what any profile is made into can be followed", () => {
  fc.assert(
    fc.property(anyProfile, (profile) => {
      const windowMs = windowSecsOf(profile) * 1000;
      const rates = buildRates(profile, { loadTps: 100, windowMs });
      checkRates({ rates, rateTps: highestTps(rates ?? []), windowMs });
    }),
  );
});

test.each<[string, RatePiece[]]>([
  ["a gap", [piece(0, 400), piece(500, 1000)]],
  ["an overlap", [piece(0, 600), piece(500, 1000)]],
  ["a piece that goes back", [piece(0, 0), piece(0, 1000)]],
  ["a beginning after the window's", [piece(1, 1000)]],
  ["an end before the window's", [piece(0, 999)]],
  ["none at all", []],
  ["a rate below 0", [piece(0, 1000, 1, -1)]],
  ["a rate above the plan's", [piece(0, 1000, 0, 11)]],
  ["a rate that is no number", [piece(0, 1000, Number.NaN)]],
])("%s is refused", (_, rates) => {
  expect(() => checkRates({ rates, rateTps: 10, windowMs: 1000 })).toThrow(InvalidArgumentError);
});
