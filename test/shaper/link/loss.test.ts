import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.ts";
import { openLoss } from "../../../src/shaper/link/loss.ts";

const draws = (loss: Parameters<typeof openLoss>[0], count: number) => {
  const isLost = openLoss(loss, seededRandom("loss"));
  return Array.from({ length: count }, isLost);
};
const share = (values: readonly boolean[]) => values.filter(Boolean).length / values.length;

test.each([0, 0.001, 0.05, 1])("independent loss of %d", (lossRatio) => {
  expect(share(draws({ kind: "independent", lossRatio }, 100_000))).toBeCloseTo(lossRatio, 2);
});

test("bursts last 1/r on average, and fill p/(p+r) of the time", () => {
  const loss = {
    kind: "gilbert-elliott",
    goodToBadRatio: 0.01,
    badToGoodRatio: 0.25,
    goodLossRatio: 0,
    badLossRatio: 1,
  } as const;
  const found = draws(loss, 400_000);
  const bursts = found.filter((isLost, at) => isLost && found[at - 1] !== true).length;
  expect(share(found)).toBeCloseTo(0.01 / 0.26, 2);
  expect(found.filter(Boolean).length / bursts).toBeCloseTo(4, 0);
});

test("the same seed loses the same packets", () => {
  const loss = { kind: "independent", lossRatio: 0.5 } as const;
  expect(draws(loss, 100)).toEqual(draws(loss, 100));
});
