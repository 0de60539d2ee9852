/** What was seen of a run's machines, by hand: one left alone, and several that were not, or tell little. */

import type { EnvironmentReport } from "../../src/contracts/hosts/host-load.ts";
import { defaultParameters } from "../../src/options/defaults.ts";

const limits = defaultParameters.environmentLimits;

export const quietEnvironment: EnvironmentReport = {
  hosts: [
    {
      host: "coordinator",
      before: {
        secs: 1,
        backgroundSecs: 1,
        backgroundMeanRatio: 0.0051,
        backgroundMaxRatio: 0.0051,
        stealMeanRatio: 0,
      },
      window: {
        secs: 180,
        backgroundSecs: 180,
        backgroundMeanRatio: 0.0123,
        backgroundMaxRatio: 0.055,
        stealMeanRatio: 0.0004,
        stealMaxRatio: 0.01,
        frequencyMeanMhz: 2600,
        frequencyMaxMhz: 2600,
        memoryAvailableLeastBytes: 5_476_083_302,
        memoryPressureMaxRatio: 0,
        networkMeanBytesPerSec: 1204,
      },
      disturbedSecs: 0,
    },
  ],
  disturbed: false,
  reasons: [],
  limits,
  strict: false,
};

export const disturbedEnvironment: EnvironmentReport = {
  hosts: [
    { host: "coordinator", disturbedSecs: 0 },
    {
      host: "host0",
      otherContainers: ["nightly-build", "database"],
      before: { secs: 1, backgroundSecs: 1, backgroundMeanRatio: 0.31, backgroundMaxRatio: 0.31 },
      window: {
        secs: 180,
        backgroundSecs: 180,
        backgroundMeanRatio: 0.2812,
        backgroundMaxRatio: 0.94,
        stealMeanRatio: 0.011,
        stealMaxRatio: 0.08,
        memoryAvailableLeastBytes: 412_316_860,
        memoryPressureMaxRatio: 0.02,
        networkMeanBytesPerSec: 3_145_728,
      },
      disturbedSecs: 97,
    },
    {
      host: "host1",
      otherContainers: [],
      window: { secs: 171, backgroundSecs: 12, backgroundMeanRatio: 0.02, backgroundMaxRatio: 0.04 },
      disturbedSecs: 0,
    },
  ],
  disturbed: true,
  reasons: ["host0: background CPU above 10 % in 97 of 180 s, 28.1 % on average, 94.0 % at most"],
  limits,
  strict: false,
};
