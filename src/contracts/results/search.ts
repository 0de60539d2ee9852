/** What a search for the highest sustained load was asked for, and what it found. */
import { type Of, record } from "../../core/documents/form.ts";
import { asPercent, choice, list, natural, positive, text } from "../../core/documents/form-values.ts";

export const searchSettingsForm = record("Range of the search, and conditions for a sustained load.", {
  fromTps: positive("Lowest load, where the search begins, transactions per second.").keyed("from"),
  toTps: positive("Highest load to try, transactions per second.").keyed("to"),
  precisionRatio: asPercent(
    "The search ends when a load that is not sustained is at most this much above a sustained one.",
    { least: 0 },
  ),
  efficiencyRatio: asPercent("Lowest throughput of a sustained load, as percent of the load.", {
    least: 0,
    most: 100,
  }),
  latencyMs: positive(
    "Highest 99th percentile of the headline latency of a sustained load, milliseconds; omitted if not limited.",
  ).optional(),
  backlogGrowthRatio: asPercent("Fastest growth of a sustained load's backlog, as percent of the load.", {
    least: 0,
  }),
});

/** The terms on which a load counts as sustained, and where it is looked for. Ratios: 1 is all. */
export interface SearchSettings extends Of<typeof searchSettingsForm> {}

const probe = record("One run.", {
  benchmarkNumber: natural("Number of the run in the sweep, from 1."),
  loadTps: positive(
    "Offered load, transactions per second over all nodes; in a closed loop, transactions in flight.",
  ).keyed("load"),
  status: choice(
    "sustained: meets all terms. not-sustained: violates one. generator-limited: violates one, with the load generator at its limit. invalid: the run is inconclusive.",
    ["sustained", "not-sustained", "generator-limited", "invalid"],
  ),
  reasons: list("One sentence per reason, with figure and limit; empty for sustained.", text("One reason.")),
});

export interface JudgedProbe extends Of<typeof probe> {}

export type ProbeStatus = JudgedProbe["status"];

export const searchForm = record("Search for the highest sustained load; omitted if the loads were given.", {
  terms: searchSettingsForm,
  outcome: choice(
    "found: between a sustained load and one that is not, with the requested precision. generator-limit: the load generator reached its limit first, so the network sustains at least sustained_load. upper-bound: the highest load to try is sustained. none: the lowest load is not sustained. stopped: both runs of a load were inconclusive, the second one invalid. unfinished: the sweep ended first.",
    ["found", "generator-limit", "upper-bound", "none", "stopped", "unfinished"],
  ),
  sustainedTps: positive(
    "Highest sustained load that was observed, transactions per second; omitted if there was none.",
  )
    .keyed("sustained_load")
    .optional(),
  beyondTps: positive(
    "Lowest load that was not sustained, or at which the load generator was the limit; omitted if there was none.",
  )
    .keyed("load_beyond")
    .optional(),
  kneeTps: positive(
    "Knee of the latency curve: the probed load at which throughput divided by mean headline latency (Kleinrock's power) is largest, among the runs that are not invalid and whose success rate reaches terms.efficiency_percent; omitted if there is none.",
  )
    .keyed("knee_load")
    .optional(),
  probes: list("Runs of the search, in order; runs has their figures.", probe),
});

export interface SearchReport extends Of<typeof searchForm> {}

export type SearchOutcome = SearchReport["outcome"];
