import { ratePerClientTps } from "../../load/level/client-count.ts";
import {
  defaultBatchSize,
  defaultParameters as defaults,
  defaultSearch as search,
} from "../../options/defaults.ts";
import { calibratedRuns } from "./command-options.ts";
import { group, type Option } from "./option.ts";

const profileForms =
  "how the load changes within the window, as multiples: ramp:0..1, steps:0.25,0.5,1, bursts:0.5..2@1s/4s, sine:0.5..1.5/20s, trace:FILE.csv (second,level); or closed:64, a closed loop with 64 requests in flight, without --loads";

/** What is offered to the network, and by whom; and the search for the highest load. */
export const loadOptions: readonly Option[] = [
  ...group("Load", [
    ["sweeps", "loads TPS,...", "loads in tx/s, one run for each"],
    [
      "benchmark",
      "local-loads TPS,...",
      "--loads for the local network only",
      defaults.localLoadsTps.join(","),
    ],
    [
      "benchmark",
      "remote-loads TPS,...",
      "--loads for the remote network only",
      defaults.remoteLoadsTps.join(","),
    ],
    [
      "sweeps",
      "vary OPTION=VALUES",
      "a sweep for each value of an option, such as committee=4,7,10; repeatable once: then for each pair of values",
    ],
    [
      "sweeps",
      "turns",
      "with --vary: the points take turns, a run at a time, in the order A B B A, so that what changes with time on the machine meets all of them",
    ],
    ["sweeps", "runs COUNT", "runs of each load; each round runs all loads once", defaults.runs],
    ["calibrate", "runs COUNT", "runs of each side", calibratedRuns],
    ["sweeps", "duration SECS", "measurement window of each run", defaults.durationSecs],
    ["benchmark", "num-transactions COUNT", "measure exactly this many transactions instead of --duration"],
    ["once", "num-transactions COUNT", "number of transactions to measure", 1000],
    ["once", "transaction-rate TPS", "transactions per second", 100],
    ["runs", "transaction-size BYTES", "size of each transaction", defaults.transactionSizeBytes],
    ["sent", "arrival KIND", "gaps between transactions: constant or poisson", defaults.arrival],
    [
      "sent",
      "clients N",
      `load-generating threads, or auto: one for every ${ratePerClientTps.toLocaleString("en-US")} tx/s, leaving one core free`,
      defaults.clients,
    ],
    [
      "sent",
      "pacing MODE",
      "how clients wait for the next due time: precise (uses one core each), balanced, eco, or auto (depends on the free cores)",
      defaults.pacing,
    ],
    ["benchmark", "profile PROFILE", profileForms, "constant"],
    [
      "benchmark",
      "phases FILE",
      "YAML file with the phases of the window: name, duration or share, profile or level",
    ],
    ["runs", "seed TEXT", "seed of payloads and arrivals", defaults.seed],
    [
      "runs",
      "warm-up SECS",
      "load before the window, which is not measured",
      "10 % of the window, at least 2",
    ],
    ["runs", "drain SECS", "longest wait for outstanding transactions after the window", defaults.drainSecs],
    ["sent", "request-timeout SECS", "time after which a request has timed out", defaults.requestTimeoutSecs],
    ["sending", "max-in-flight COUNT", "most requests in flight", defaults.maxInFlight],
    [
      "sent",
      "queue-limit COUNT",
      "most transactions that wait to be sent; further ones are dropped and counted",
      defaults.queueLimit,
    ],
    [
      "sent",
      "transport KIND",
      "how to send transactions: http, http-batch, websocket, or undici (an HTTP library, for comparison)",
      defaults.transport.kind,
    ],
    [
      "sending",
      "in-flight-per-connection COUNT",
      "most requests in flight on one connection",
      defaults.transport.inFlightPerConnection,
    ],
    ["sent", "batch-size COUNT", "most transactions in one http-batch request", defaultBatchSize],
  ]),
  ...group("Search", [
    ["benchmark", "search", "find the highest sustained load instead of running --loads"],
    ["benchmark", "search-from TPS", "lowest load, where the search begins", search.fromTps],
    ["benchmark", "search-to TPS", "highest load to try", search.toTps],
    ["benchmark", "search-precision PERCENT", "precision of the load found", search.precisionRatio * 100],
    [
      "benchmark",
      "search-efficiency PERCENT",
      "a sustained load has at least this efficiency",
      search.efficiencyRatio * 100,
    ],
    ["benchmark", "search-latency MS", "a sustained load has at most this p99 latency (default: any)"],
    [
      "benchmark",
      "search-backlog PERCENT",
      "the backlog of a sustained load grows by at most this share of the load",
      search.backlogGrowthRatio * 100,
    ],
  ]),
];
