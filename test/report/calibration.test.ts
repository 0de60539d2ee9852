import { expect, test } from "vitest";
import { calibrateLoads } from "../../src/benchmark/calibrate.ts";
import { formatCalibration } from "../../src/report/calibration.ts";
import { repeated, runOf } from "../bundle/sample-comparisons.ts";

test("a calibration in words looks as recorded, and says where it has no noise floor", async () => {
  const few = [1, 2, 3].map(() => runOf({ loadTps: 200, throughputTps: 190 }));
  const loads = calibrateLoads([...repeated(), ...repeated(1.02).slice(1), ...few]);
  const text = formatCalibration({
    networkType: "local",
    timestamp: "2024-01-15T10:40:00.000Z",
    environment: {},
    loads,
  });
  await expect(`${text}\n`).toMatchFileSnapshot("calibration.golden.txt");
});
