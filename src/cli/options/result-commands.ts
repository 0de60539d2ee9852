import type { CommandDescriptor } from "./command-descriptor.ts";

/** Named as findBundle takes it. */
const bundle = { noun: "the bundle", placeholder: "BUNDLE" } as const;

/** Commands for results, in the order of the overview. */
export const resultCommands = {
  ls: {
    group: "Results",
    summary: "Lists the bundles in a folder (./benchmarks), newest first, with their best throughput.",
    details:
      "The throughput is the highest of all runs that are not invalid. A bundle is unfinished if its sweep was killed, under way if it is still running, and broken if it cannot be read. Nothing is verified. --name and --tag select bundles by the labels of their runs. Other commands accept the name of a run, the id of a bundle, or the beginning of the id.",
    operands: [{ noun: "the folder", placeholder: "FOLDER", optional: true }],
    examples: ["", "results --json", "--name nightly --tag branch=main"],
  },
  show: {
    group: "Results",
    summary: "Prints the results of a bundle.",
    details:
      "It does not check assertions; use report for that. Of a sweep that was killed, it shows the finished runs. BUNDLE is a path, the beginning of the name or id of a bundle in --output-dir, or last for the newest one there.",
    operands: [bundle],
    examples: ["last", "3f9a", "benchmarks/20240115T103000Z-local-3f9a2c1e --json"],
  },
  map: {
    group: "Results",
    summary: "Draws where nodes are, and what their links are like, as SVG.",
    details:
      "Of a bundle it shows a moment of a run (--at, default: the end of the window): positions, the emulated quality of each link, and the path of each flow. Of a links file it shows the links before any timeline. Nodes without positions stand on a circle. With --json, it prints the same as data.",
    operands: [{ noun: "the bundle or the links", placeholder: "BUNDLE|MAP|FILE" }],
    examples: ["last --at 12s > map.svg", "examples/handover/links.yaml > map.svg", "aws-5 --json"],
  },
  report: {
    group: "Results",
    summary: "Checks assertions on a finished sweep and writes reports for pipelines.",
    details: "It also prints the results. Without --assert, it checks the assertions of the sweep.",
    operands: [bundle],
    examples: [
      "last",
      "benchmarks/B --assert 'commit.p99<500ms' --junit report.xml",
      "benchmarks/B --baseline benchmarks/A --assert 'throughput>-5%'",
    ],
  },
  compare: {
    group: "Results",
    summary: "Compares two sweeps load by load: two bundles, or two files of runs.",
    details:
      "A verdict (faster, slower, no difference seen) requires five runs of each load on each side: benchmark --runs 5. The measured systems may differ; the measurement must not. Without B, it compares the two sides of benchmark --network-type both, or two points of --vary.",
    operands: [
      { noun: "the first side", placeholder: "A" },
      { noun: "the second side", placeholder: "B", optional: true },
    ],
    examples: [
      "benchmarks/A last",
      "A B --min-effect 5 --calibration calibration.json",
      "last",
      "A B --json",
      "A B --output-dir ./benchmarks",
    ],
  },
  verify: {
    group: "Results",
    summary: "Recomputes the numbers of a bundle and reports the first that differs.",
    details:
      "It recomputes every number that follows from other data in the bundle (histograms, seconds, ledgers and runs), and checks formats and hashes. If one differs, the exit code is 3. This finds mistakes and edits. It does not prove who wrote a bundle.",
    operands: [bundle],
    examples: ["last", "benchmarks/20240115T103000Z-local-3f9c12ab --json"],
  },
  history: {
    group: "Results",
    summary: "Keeps results over time, finds where they change, and checks new ones for regressions.",
    details:
      "add verifies bundles and adds the runs of each load to the series of its kind: the same system, measured in the same way on the same kind of machine. list shows the series, show one of them with its changes. check compares a bundle with the entries since the last change; the exit code is 3 if throughput, latency, CPU per transaction or memory is worse. From fewer than five runs it is suspect only. prune removes old entries.",
    operands: [
      { noun: "what to do", words: ["add", "list", "show", "check", "prune"] },
      { noun: "the bundle or the series", placeholder: "BUNDLE|SERIES", optional: true, several: true },
    ],
    examples: [
      "add last",
      "list",
      "show 3f9a",
      "check last --markdown history.md --junit history.xml",
      "show 3f9a --svg p50-latency > p50.svg",
      "prune --keep 500",
    ],
  },
  serve: {
    group: "Results",
    summary: "Shows runs in a browser: live and past ones, their charts, files and comparisons.",
    details:
      "It reads the bundles of a folder and does not change them. With --events-dir it also takes events that programs push. It is the results server of browser tests too: clients create tests at /test and report to them. It serves this machine alone, unless --listen says otherwise; then a browser needs the token in the address that it prints. benchmark --dashboard shows one run in the same way.",
    examples: [
      "",
      "--output-dir results --port 8080",
      "--listen 0.0.0.0",
      "--stats-server-url http://localhost:8086",
    ],
  },
  export: {
    group: "Results",
    summary: "Writes the seconds of a bundle for Prometheus or InfluxDB.",
    details:
      "--openmetrics writes the metrics of its runs and nodes with their times; promtool tsdb create-blocks-from openmetrics loads them. --influx writes the points that benchmark --influx writes while it runs; writing them again changes nothing.",
    operands: [bundle],
    examples: ["last --openmetrics run.om", "last --influx 'http://127.0.0.1:8086/?db=baleen'"],
  },
  dashboards: {
    group: "Results",
    summary: "Writes a folder with Prometheus, Grafana and its dashboards for Baleen.",
    details:
      "docker compose up starts it; benchmark --monitoring does so for one command. The dashboards are also for a Grafana of your own. It overwrites files only with --yes.",
    operands: [{ noun: "the folder", placeholder: "FOLDER" }],
    examples: ["monitoring", "monitoring --yes"],
  },
} as const satisfies Readonly<Record<string, CommandDescriptor>>;
