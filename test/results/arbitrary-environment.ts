/** Generated reports of what else went on on a run's machines. */
import fc from "fast-check";
import type { EnvironmentReport, HostFigures } from "../../src/contracts/hosts/host-load.ts";

const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const ratio = fc.double({ min: -0.01, max: 1, noNaN: true });
const measured = fc.double({ min: 0, max: 1e9, noNaN: true });
const percent = fc.double({ min: 0, max: 100, noNaN: true });

const figures: fc.Arbitrary<HostFigures> = fc.record(
  {
    secs: fc.integer({ min: 1, max: 604_800 }),
    backgroundSecs: fc.nat(),
    backgroundMeanRatio: sometimes(ratio),
    backgroundMaxRatio: sometimes(ratio),
    stealMeanRatio: sometimes(ratio),
    stealMaxRatio: sometimes(ratio),
    frequencyMeanMhz: sometimes(measured),
    frequencyMaxMhz: sometimes(measured),
    memoryAvailableLeastBytes: sometimes(fc.nat()),
    memoryPressureMaxRatio: sometimes(ratio),
    networkMeanBytesPerSec: sometimes(measured),
  },
  { requiredKeys: ["secs", "backgroundSecs"] },
);

export const arbitraryEnvironment: fc.Arbitrary<EnvironmentReport> = fc.record({
  disturbed: fc.boolean(),
  reasons: fc.array(fc.string({ unit: "binary" }), { maxLength: 3 }),
  strict: fc.boolean(),
  limits: fc.record({
    backgroundPercent: percent,
    stealPercent: percent,
    memoryPressurePercent: percent,
    disturbedPercent: percent,
  }),
  hosts: fc.array(
    fc.record(
      {
        host: fc.string(),
        otherContainers: sometimes(fc.array(fc.string(), { maxLength: 20 })),
        before: sometimes(figures),
        window: sometimes(figures),
        disturbedSecs: fc.nat(),
      },
      { requiredKeys: ["host", "disturbedSecs"] },
    ),
    { maxLength: 4 },
  ),
});
