import { ratePerClientTps } from "../../load/level/client-count.ts";
import {
  defaultBatchSize,
  defaultParameters as defaults,
  defaultSearch as search,
} from "../../options/parameters.ts";
import { group, type Option } from "./option.ts";
import { calibratedRuns } from "./own-options.ts";

const profileForms =
  "how the load changes in the window, in multiples of it: ramp:0..1, steps:0.25,0.5,1, bursts:0.5..2@1s/4s, sine:0.5..1.5/20s, trace:FILE.csv (second,level); or closed:64, a closed loop with 64 in flight and no loads";

/** What is offered to the network, and by whom; and the search for the highest load. */
export const loadOptions: readonly Option[] = [
  ...group("Load", [
    ["benchmark", "loads TPS,...", "loads of the chosen network in tx/s, one run each"],
    ["benchmark", "local-loads TPS,...", "loads of the local network", defaults.localLoadsTps.join(",")],
    ["benchmark", "remote-loads TPS,...", "loads of the remote network", defaults.remoteLoadsTps.join(",")],
    ["benchmark", "runs COUNT", "runs of each load: all loads once, then all again", defaults.runs],
    ["calibrate", "runs COUNT", "runs of each of the two sides", calibratedRuns],
    ["benchmark", "duration SECS", "measurement window of each run", defaults.durationSecs],
    ["benchmark", "num-transactions COUNT", "measure exactly this many, instead of --duration"],
    ["once", "num-transactions COUNT", "measure exactly this many", 1000],
    ["once", "transaction-rate TPS", "transactions per second", 100],
    ["runs", "transaction-size BYTES", "size of each transaction", defaults.transactionSizeBytes],
    ["runs", "arrival KIND", "constant gaps between transactions, or poisson", defaults.arrival],
    [
      "runs",
      "clients N",
      `load-generating threads, or auto: one for every ${ratePerClientTps.toLocaleString("en-US")} tx/s, and a core left over`,
      defaults.clients,
    ],
    [
      "runs",
      "pacing MODE",
      "how clients wait for the next due time: precise (a core each), balanced, eco, or auto, by the cores that are free",
      defaults.pacing,
    ],
    ["benchmark", "profile PROFILE", profileForms, "constant"],
    [
      "benchmark",
      "phases FILE",
      "YAML file of parts of the window: name, duration or share, profile or level",
    ],
    ["runs", "seed TEXT", "payloads and arrivals follow from it", defaults.seed],
    ["runs", "warm-up SECS", "load before the window, discarded", "10 % of the window, at least 2"],
    ["runs", "drain SECS", "wait at most this long for what is outstanding", defaults.drainSecs],
    ["runs", "request-timeout SECS", "a later reply counts as timed out", defaults.requestTimeoutSecs],
    ["planned", "max-in-flight COUNT", "requests under way at once", defaults.maxInFlight],
    [
      "runs",
      "queue-limit COUNT",
      "transactions that may wait; more are dropped, and counted",
      defaults.queueLimit,
    ],
    [
      "runs",
      "transport KIND",
      "how transactions get to the nodes: http, http-batch, websocket, or undici (a library's HTTP, to compare with)",
      defaults.transport.kind,
    ],
    [
      "planned",
      "in-flight-per-connection COUNT",
      "requests under way on one connection",
      defaults.transport.inFlightPerConnection,
    ],
    ["runs", "batch-size COUNT", "most transactions in a request of http-batch", defaultBatchSize],
  ]),
  ...group("Search", [
    ["benchmark", "search", "find the highest sustained load, instead of --loads"],
    ["benchmark", "search-from TPS", "lowest load, with which it begins", search.fromTps],
    ["benchmark", "search-to TPS", "highest load that is tried", search.toTps],
    ["benchmark", "search-precision PERCENT", "how near to find it", search.precisionRatio * 100],
    [
      "benchmark",
      "search-efficiency PERCENT",
      "sustained: at least this efficiency",
      search.efficiencyRatio * 100,
    ],
    ["benchmark", "search-latency MS", "sustained: p99 latency within this; without it any"],
    [
      "benchmark",
      "search-backlog PERCENT",
      "sustained: the backlog grows by no more than this share of the load",
      search.backlogGrowthRatio * 100,
    ],
  ]),
];
