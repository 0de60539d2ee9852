import type { CalibratedLoad, Calibration } from "../contracts/calibration.ts";
import { comparedMetrics } from "../contracts/comparison.ts";
import { metricNames } from "./comparison.ts";
import { formatAsked } from "./figures.ts";
import { formatTable, type TableColumn } from "./table.ts";

const columns: readonly TableColumn[] = [
  { head: ["  Load", "tx/s"], align: "right" },
  { head: ["Metric", ""], align: "left" },
  { head: ["A/A", "ratio"], align: "right" },
  { head: ["95 %", "confidence"], align: "right" },
  { head: ["Noise", "floor"], align: "right" },
];

function rows({ loadTps, metrics }: CalibratedLoad): string[][] {
  return comparedMetrics.map((metric, index) => {
    const found = metrics[metric];
    const figures =
      found === undefined
        ? ["-", "-", "-"]
        : [
            found.ratio.toFixed(3),
            `${found.confidence.low.toFixed(3)} to ${found.confidence.high.toFixed(3)}`,
            `${(found.noiseFloorRatio * 100).toFixed(1)}%`,
          ];
    return [index === 0 ? formatAsked(loadTps) : "", metricNames[metric].name, ...figures];
  });
}

/** The noise floors in a table. Ends without a line break. */
export function formatCalibration({ loads }: Calibration): string {
  const few = loads.filter(({ metrics }) => metrics.throughput === undefined);
  const runs = loads.map(
    ({ loadTps, runsA, runsB }) => `${runsA} and ${runsB} at ${formatAsked(loadTps)} tx/s`,
  );
  return [
    "CALIBRATION",
    "===========",
    `Two identical sides in turns. Runs that count: ${runs.join(", ")}.`,
    "",
    formatTable(columns, loads.flatMap(rows)),
    "Noise floor: differences up to this are seen without there being one.",
    ...few.map(
      ({ loadTps }) =>
        `${formatAsked(loadTps)} tx/s: no noise floor; four runs of either side must count, and commit.`,
    ),
  ].join("\n");
}
