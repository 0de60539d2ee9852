/** What `report` and `compare` make for people besides their text: a page, a table, a chart. */
import { resolve } from "node:path";
import type { Comparison } from "../../../contracts/results/comparison.ts";
import { ConfigurationError } from "../../../core/errors.ts";
import { readSweepView } from "../../../results/bundle/view.ts";
import { findChart } from "../../../results/charts/catalogue.ts";
import type { ComparedRuns } from "../../../results/charts/data/comparison-charts.ts";
import { openDrawing } from "../../../results/charts/draw/draw.ts";
import { comparisonPage } from "../../../results/page/comparison-page.ts";
import { makeSweepPage } from "../../../results/page/make.ts";
import {
  measuredVariation,
  type VariationView,
  variationPage,
} from "../../../results/page/variation-page.ts";
import { formatRunsCsv, type NamedRuns } from "../../../results/report/documents/runs-csv.ts";
import type { MeasuredSummary } from "../../../results/schema/summary.ts";
import type { Check } from "../../../run/prepare/preflight.ts";
import { type GivenReader, readOwn } from "../../options/command-options.ts";
import { checkFile, writeReport } from "./report-files.ts";

/** What is shown: one sweep, or two sides with their comparison. */
export interface Viewed {
  readonly named: readonly NamedRuns[];
  readonly sweeps: readonly { readonly folder: string; readonly summary: MeasuredSummary }[];
  /** Absent of one sweep, and where a side did not come to its end. */
  readonly compared?: { readonly comparison: Comparison; readonly sides: ComparedRuns } | undefined;
  /** The sweeps are its points. */
  readonly variation?: Pick<VariationView, "variation" | "name" | "summaries"> | undefined;
}

export interface ViewFiles {
  /** Whether the files can be written. */
  readonly check: Check;
  /** Writes the files. @returns the chart that is asked for, which is all that is printed then @throws BundleWriteError, ConfigurationError */
  readonly write: (viewed: Viewed) => Promise<string | undefined>;
}

/** Reads which are asked for; the request's diagnostics take what is wrong with that. */
export function openViewFiles(request: GivenReader, isJson: boolean): ViewFiles {
  const { html, csv, svg } = readOwn(request, { html: undefined, csv: undefined, svg: undefined });
  if (svg !== undefined && isJson) {
    const message = "--svg and --json both print a document of their own. Use one of them.";
    request.diagnostics.push({ code: "contradiction", message });
  }
  const files = Object.entries({ "--html": html, "--csv": csv }).flatMap(([option, path]) =>
    path === undefined ? [] : [{ option, path: resolve(path) }],
  );
  return {
    check: async () => (await Promise.all(files.map(checkFile))).flat(),
    write: async (viewed) => {
      const chart = svg === undefined ? undefined : await drawChart(svg, viewed);
      if (csv !== undefined) await writeReport(resolve(csv), formatRunsCsv(viewed.named));
      if (html !== undefined) await writeReport(resolve(html), await pageOf(viewed));
      return chart;
    },
  };
}

async function pageOf({ compared, sweeps, variation }: Viewed): Promise<string> {
  if (variation !== undefined) return await variationPage({ ...variation, isBesidePoints: false });
  if (compared !== undefined) return await comparisonPage(compared.comparison, compared.sides);
  const [first, second] = sweeps;
  if (first === undefined || second !== undefined) {
    const message =
      "--html: one of the sweeps did not come to its end, so there is no comparison. Name one of them.";
    throw new ConfigurationError([{ code: "invalid-value", message }]);
  }
  return await makeSweepPage(first.folder, first.summary);
}

async function drawChart(name: string, { sweeps, compared, variation }: Viewed): Promise<string> {
  const read = variation === undefined ? sweeps : [];
  const views = await Promise.all(read.map(({ folder, summary }) => readSweepView(folder, summary)));
  const measured = variation && measuredVariation(variation);
  const chart = findChart(name, views, { sides: compared?.sides, variation: measured });
  return (await openDrawing()).drawFile(chart);
}
