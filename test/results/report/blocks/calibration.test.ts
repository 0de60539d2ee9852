import { expect, test } from "vitest";
import { calibrateLoads } from "../../../../src/results/analysis/comparison/calibrate.ts";
import { formatCalibration } from "../../../../src/results/report/blocks/calibration.ts";
import { repeated, runOf } from "../../sample-comparisons.ts";

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

test("a load that lacks the noise floor of one spoken metric is named: compare refuses it", () => {
  const loads = calibrateLoads(repeated().concat(repeated(1.02)));
  const [load] = loads;
  if (load === undefined) throw new Error("there is no load");
  const { avgLatency: _, ...metrics } = load.metrics;
  const calibration = {
    networkType: "local",
    timestamp: "2024-01-15T10:40:00.000Z",
    environment: {},
  } as const;
  expect(formatCalibration({ ...calibration, loads: [{ ...load, metrics }] })).toMatch(
    /\n100 tx\/s: no noise floor of average latency; [^\n]*$/,
  );
  expect(formatCalibration({ ...calibration, loads })).not.toContain("no noise floor");
});
