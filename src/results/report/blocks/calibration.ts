import { type LoadKind, loadUnits } from "../../../contracts/load/load-profile.ts";
import type {
  CalibratedLoad,
  CalibratedMetric,
  Calibration,
} from "../../../contracts/results/calibration.ts";
import { comparedMetrics, spokenMetrics } from "../../../contracts/results/comparison.ts";
import { spokenNames } from "../../analysis/comparison/compare-verdict.ts";
import { formatAsked, seen } from "../text/figures.ts";
import { formatLoadOf } from "../text/load.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";
import { metricNames } from "./comparison.ts";

/** A metric of a load; the first of each names the load. */
interface Row {
  readonly load: string;
  readonly name: string;
  readonly found: CalibratedMetric | undefined;
}

const columns = (kind: LoadKind): readonly Column<Row>[] => [
  right(`  Load\n${loadUnits[kind]}`, ({ load }) => load),
  left("Metric", ({ name }) => name),
  right("A/A\nratio", ({ found }) => seen(found, ({ ratio }) => ratio.toFixed(3))),
  right("95 %\nconfidence", ({ found }) =>
    seen(found, ({ confidence: { low, high } }) => `${low.toFixed(3)} to ${high.toFixed(3)}`),
  ),
  right("Noise\nfloor", ({ found }) =>
    seen(found, ({ noiseFloorRatio }) => `${(noiseFloorRatio * 100).toFixed(1)}%`),
  ),
];

const rows = ({ loadTps, metrics }: CalibratedLoad): Row[] =>
  comparedMetrics.map((metric, index) => ({
    load: index === 0 ? formatAsked(loadTps) : "",
    name: metricNames[metric].name,
    found: metrics[metric],
  }));

/** `compare` takes a calibration only with the noise floors of what its verdicts speak of. */
function missingFloors({ loadTps, loadKind, metrics }: CalibratedLoad): string[] {
  const missing = spokenMetrics.filter((metric) => metrics[metric] === undefined);
  if (missing.length === 0) return [];
  const names = missing.map((metric) => spokenNames[metric]);
  return [
    `${formatLoadOf(loadTps, loadKind)}: no noise floor of ${names.join(" and ")}; it requires four counted runs with commits on each side.`,
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
    `Two identical sides in turn. Runs counted: ${runs.join(", ")}.`,
    "",
    formatTable(columns(loads[0]?.loadKind ?? "open-loop"), loads.flatMap(rows)),
    "Noise floor: differences up to this size occur between identical sides.",
    ...loads.flatMap(missingFloors),
  ].join("\n");
}
