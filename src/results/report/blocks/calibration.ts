import { type LoadKind, loadUnits } from "../../../contracts/load/load-profile.ts";
import type { CalibratedLoad, Calibration } from "../../../contracts/results/calibration.ts";
import { comparedMetrics, spokenMetrics } from "../../../contracts/results/comparison.ts";
import { formatAsked } from "../text/figures.ts";
import { formatLoadOf } from "../text/load.ts";
import { formatTable, type TableColumn } from "../text/table.ts";
import { metricNames } from "./comparison.ts";

const columns = (kind: LoadKind): readonly TableColumn[] => [
  { head: ["  Load", loadUnits[kind]], align: "right" },
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

/** `compare` takes a calibration only with the noise floors of what its verdicts speak of. */
function missingFloors({ loadTps, loadKind, metrics }: CalibratedLoad): string[] {
  const missing = spokenMetrics.filter((metric) => metrics[metric] === undefined);
  if (missing.length === 0) return [];
  const names = missing.map((metric) => (metric === "throughput" ? "throughput" : "average latency"));
  return [
    `${formatLoadOf(loadTps, loadKind)}: no noise floor of ${names.join(" and ")}; four runs of either side must count, and commit.`,
  ];
}

/** The noise floors in a table. Ends without a line break. */
export function formatCalibration({ loads }: Calibration): string {
  const runs = loads.map(
    ({ loadTps, loadKind, runsA, runsB }) => `${runsA} and ${runsB} at ${formatLoadOf(loadTps, loadKind)}`,
  );
  return [
    "CALIBRATION",
    "===========",
    `Two identical sides in turns. Runs that count: ${runs.join(", ")}.`,
    "",
    formatTable(columns(loads[0]?.loadKind ?? "open-loop"), loads.flatMap(rows)),
    "Noise floor: differences up to this are seen without there being one.",
    ...loads.flatMap(missingFloors),
  ].join("\n");
}
