/** Charts by name, as `--svg` asks for them. */

import { ConfigurationError } from "../../core/errors.ts";
import { nearestName } from "../../core/text/nearest.ts";
import type { Chart } from "./chart.ts";
import { type ComparedRuns, comparisonCharts } from "./data/comparison-charts.ts";
import { runCharts } from "./data/run-charts.ts";
import { sweepCharts } from "./data/sweep-charts.ts";
import { type MeasuredVariation, variationCharts } from "./data/variation-charts.ts";
import { chooseShown, type SweepView } from "./view.ts";

/**
 * The chart of that name: of a sweep's runs, of a comparison, of a variation, or of one run, which may be named by its
 * number behind a slash ("latency-time/3"). Default: the run that the page shows at length.
 *
 * @throws ConfigurationError with the names that there are
 */
export function findChart(
  asked: string,
  views: readonly SweepView[],
  {
    sides,
    variation,
  }: { readonly sides?: ComparedRuns | undefined; readonly variation?: MeasuredVariation | undefined } = {},
): Chart {
  const [name = "", number] = asked.split("/");
  const [view] = variation === undefined ? views : [];
  const runs = view?.runs.filter(({ isDetailed }) => isDetailed) ?? [];
  const run =
    number === undefined
      ? view && chooseShown(view.runs)
      : runs.find(({ run }) => String(run.benchmarkNumber) === number);
  const ofSweep =
    variation !== undefined
      ? variationCharts(variation)
      : sides !== undefined
        ? comparisonCharts(sides)
        : view === undefined
          ? []
          : sweepCharts(view);
  const ofRun = run === undefined || sides !== undefined ? [] : runCharts(run);
  const found = [...(number === undefined ? ofSweep : []), ...ofRun].find((chart) => chart.name === name);
  if (found !== undefined) return found;
  const names = (charts: readonly Chart[]) => charts.map((chart) => chart.name);
  const known = [...names(ofSweep), ...names(ofRun)];
  const near = nearestName(name, known);
  const message = [
    `--svg: there is no chart "${asked}" of these results.`,
    ...(near === undefined || near === name ? [] : [`Did you mean "${near}"?`]),
    `Use one of ${known.join(", ")}`,
    ...(ofRun.length === 0
      ? []
      : [`(the last ${ofRun.length} with /NUMBER for another run that the page shows in detail)`]),
  ];
  throw new ConfigurationError([{ code: "invalid-value", message: `${message.join(" ")}.` }]);
}
