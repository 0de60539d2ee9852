import { defaultParameters as defaults } from "../../options/defaults.ts";
import { group, type Option } from "./option.ts";

/** What becomes of results: names, files, texts. */
export const resultOptions: readonly Option[] = [
  ...group("Results", [
    [
      "runs",
      "name TEXT",
      "name of the run: show, report and compare find its bundle by it, and ls by a part of it",
    ],
    ["runs", "tag KEY=VALUE", "tag of the run, such as branch=main; repeatable"],
    ["ls", "name TEXT", "list only bundles whose name contains this text"],
    ["ls", "tag KEY=VALUE", "list only bundles with this tag; repeatable"],
    ["benchmark", "resume BUNDLE", "continue a sweep that ended early, with its parameters"],
    ["benchmark", "yes", "with --resume, run the programs that the bundle names without asking"],
    [
      "written",
      "output-dir FOLDER",
      "parent folder; each sweep creates a new folder in it",
      defaults.outputDir,
    ],
    ["once", "output-dir FOLDER", "write result files to a new folder in this folder"],
    [
      "reading",
      "output-dir FOLDER",
      "folder to search for a bundle by name, id, or last",
      defaults.outputDir,
    ],
    ["serve", "output-dir FOLDER", "folder of bundles to show", defaults.outputDir],
    ["sweeps", "file-output", "write result files", defaults.fileOutput],
    ["compare", "output-dir FOLDER", "folder for --file-output", "."],
    ["compare", "file-output", "write comparison.json and comparison.txt; implied by --output-dir", false],
    ["held", "junit FILE", "write verdicts and assertions as JUnit XML"],
    ["held", "markdown FILE", "write a summary for a pull request"],
    ["held", "bench-json FOLDER", "write throughput.json and latency.json for github-action-benchmark"],
    ["viewed", "html FILE", "write a page with charts, which stands alone"],
    ["viewed", "csv FILE", "write one row for each run, with every figure"],
    [
      "report",
      "svg CHART",
      "print a chart as SVG: latency-load, throughput-load, percentiles, ledger, latency-time, ...",
    ],
    [
      "runs",
      "influx URL",
      "also write each second to InfluxDB: http://HOST:8086/?db=NAME, or ?org=ORG&bucket=NAME; credentials in BALEEN_INFLUX_TOKEN",
    ],
    [
      "export",
      "influx URL",
      "write to InfluxDB: http://HOST:8086/?db=NAME, or ?org=ORG&bucket=NAME; credentials in BALEEN_INFLUX_TOKEN",
    ],
    ["export", "openmetrics FILE", "write OpenMetrics with times, for promtool tsdb create-blocks-from"],
    ["runs", "console-output", "print each result when its run ends", defaults.consoleOutput],
    ["runs", "brief", "print five lines of each result", "on a terminal of fewer than 40 rows"],
    ["all", "json", "print one JSON document on standard output"],
  ]),
  ...group("History", [
    ["history", "history FOLDER", "folder of the history", "./history"],
    [
      "history",
      "min-effect PERCENT",
      "smallest difference that counts, for all metrics",
      "throughput 2, average and p50 latency 3, others 5",
    ],
    ["history", "junit FILE", "with check, write the outcome of each metric as JUnit XML"],
    ["history", "markdown FILE", "with check or show, write a text for a pull request"],
    ["history", "svg CHART", "with show, print a chart as SVG: throughput, p50-latency, ..., or all"],
    ["history", "keep ENTRIES", "with prune, keep so many of the latest entries of each series"],
    ["history", "before DATE", "with prune, remove entries from before a day, such as 2026-01-31"],
  ]),
  ...group("Map", [
    ["map", "at TIME", "moment of the run, such as 12s; default: the end of the window"],
    ["map", "run NUMBER", "which run of the bundle", 1],
  ]),
];
