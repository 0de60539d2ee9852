/** Pages of bundles, made of their files. What draws is loaded here, where a page is made. */
import { readSweepView } from "../bundle/view.ts";
import type { MeasuredSummary } from "../schema/summary.ts";
import { sweepPage } from "./sweep-page.ts";

/**
 * report.html of a sweep.
 *
 * @param folder absolute path of its bundle
 * @param summary of its runs, which need not be written yet
 */
export async function makeSweepPage(folder: string, summary: MeasuredSummary): Promise<string> {
  return await sweepPage(await readSweepView(folder, summary));
}
