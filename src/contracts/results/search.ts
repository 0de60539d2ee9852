/** What a search for the highest sustained load was asked for, and what it found. */
import { type Of, record } from "../../core/documents/form.ts";
import { asPercent, choice, list, natural, positive, text } from "../../core/documents/form-values.ts";

export const searchSettingsForm = record("Where it was looked for, and when a load counts as sustained.", {
  fromTps: positive("Lowest load, with which the search began, transactions per second.").keyed("from"),
  toTps: positive("Highest load that was to be tried, transactions per second.").keyed("to"),
  precisionRatio: asPercent(
    "The search ends when a load that is not sustained is at most this much above a sustained one.",
    { least: 0 },
  ),
  efficiencyRatio: asPercent("Least throughput of a sustained load, as percent of it.", {
    least: 0,
    most: 100,
  }),
  latencyMs: positive(
    "Highest 99th percentile of the headline latency of a sustained load, milliseconds; absent: any.",
  ).optional(),
  backlogGrowthRatio: asPercent("Fastest growth of a sustained load's backlog, as percent of the load.", {
    least: 0,
  }),
});

/** The terms on which a load counts as sustained, and where it is looked for. Ratios: 1 is all. */
export interface SearchSettings extends Of<typeof searchSettingsForm> {}

const probe = record("One run.", {
  benchmarkNumber: natural("Place of the run in the sweep, from 1."),
  loadTps: positive(
    "Offered load, transactions per second over all nodes; in a closed loop transactions under way.",
  ).keyed("load"),
  status: choice(
    "sustained: within all terms. not-sustained: beyond one. generator-limited: beyond one, with the load generator at its own limit. invalid: the run says nothing.",
    ["sustained", "not-sustained", "generator-limited", "invalid"],
  ),
  reasons: list("A sentence each, with the figure and its limit; empty for sustained.", text("One reason.")),
});

export interface JudgedProbe extends Of<typeof probe> {}

export type ProbeStatus = JudgedProbe["status"];

export const searchForm = record(
  "Search for the highest sustained load; absent where the loads were given.",
  {
    terms: searchSettingsForm,
    outcome: choice(
      "found: between a sustained load and one that is not, as near as was asked. generator-limit: what ended it was the load generator, so the network sustains at least sustained_load. upper-bound: the highest load that was to be tried is sustained. none: not even the lowest is. stopped: both runs of a load said nothing, the second one being invalid. unfinished: the sweep ended first.",
      ["found", "generator-limit", "upper-bound", "none", "stopped", "unfinished"],
    ),
    sustainedTps: positive(
      "Highest load that was seen sustained, transactions per second; absent where none was.",
    )
      .keyed("sustained_load")
      .optional(),
    beyondTps: positive(
      "Lowest load that was not, or at which the load generator was the limit; absent where there was none.",
    )
      .keyed("load_beyond")
      .optional(),
    kneeTps: positive(
      "Knee of the latency curve: the probed load at which throughput divided by mean headline latency (Kleinrock's power) is largest, among the runs that are not invalid and whose success rate reaches terms.efficiency_percent; absent where there is none.",
    )
      .keyed("knee_load")
      .optional(),
    probes: list("Its runs, in order; their figures stand in runs.", probe),
  },
);

export interface SearchReport extends Of<typeof searchForm> {}

export type SearchOutcome = SearchReport["outcome"];
