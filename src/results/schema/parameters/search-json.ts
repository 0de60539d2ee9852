/** The published form of a search: its terms, in parameters.json too, and what it found, in summary.json. */
import type { SearchReport, SearchSettings } from "../../../contracts/results/search.ts";
import { percent, present } from "../numbers.ts";

export function searchTermsJson(terms: SearchSettings) {
  return present({
    from: terms.fromTps,
    to: terms.toTps,
    precision_percent: percent(terms.precisionRatio),
    efficiency_percent: percent(terms.efficiencyRatio),
    latency_ms: terms.latencyMs,
    backlog_growth_percent: percent(terms.backlogGrowthRatio),
  });
}

export function searchJson(report: SearchReport) {
  return present({
    terms: searchTermsJson(report.terms),
    outcome: report.outcome,
    sustained_load: report.sustainedTps,
    load_beyond: report.beyondTps,
    knee_load: report.kneeTps,
    probes: report.probes.map(({ benchmarkNumber, loadTps, status, reasons }) => ({
      benchmark_number: benchmarkNumber,
      load: loadTps,
      status,
      reasons,
    })),
  });
}
