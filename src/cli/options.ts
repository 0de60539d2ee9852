import { defaultTerms } from "../benchmark/compare.ts";
import {
  defaultBatchSize,
  defaultRemote,
  defaultParameters as defaults,
  defaultSearch as search,
} from "../config/parameters.ts";
import { type CommandName, commandNames } from "./commands.ts";
import { calibratedRuns, group, type Option } from "./option.ts";

const sweep = ["benchmark"] as const;
const local = ["local-network"] as const;
const compare = ["compare"] as const;
const calibrate = ["calibrate"] as const;
const remote = ["remote-network"] as const;
const held = ["benchmark", "report"] as const;
const report = ["report"] as const;
const once = ["local-network", "remote-network"] as const;
const here = ["benchmark", "local-network"] as const;
const away = ["benchmark", "remote-network"] as const;
const runs = ["benchmark", "local-network", "remote-network"] as const;
const ssh = ["benchmark", "remote-network", "hosts"] as const;
const cleaning = ["clean", "hosts"] as const;
const testbed = ["testbed"] as const;
const all = commandNames;
const { protocolOptions, limits, environmentLimits: machines, transport } = defaults;
const minEffectPercent = defaultTerms.minEffectRatio * 100;

const profileForms =
  "how the load changes in the window, in multiples of it: ramp:0..1, steps:0.25,0.5,1, bursts:0.5..2@1s/4s, sine:0.5..1.5/20s, trace:FILE.csv (second,level); or closed:64, a closed loop with 64 in flight and no loads";

/** All options, in the order of the help. A name stands twice where two commands differ in it. */
export const options: readonly Option[] = [
  ...group("Network", [
    [
      sweep,
      "network-type",
      "TYPE",
      "local, remote (hosts over SSH), or both, compared",
      defaults.networkType,
    ],
    [here, "runtime", "KIND", "docker, process, or auto: docker where an engine answers", defaults.runtime],
    [runs, "committee", "NODES", "nodes in the committee, 1 to 128", defaults.committee],
    [sweep, "local-committee", "NODES", "overrides --committee for the local network"],
    [sweep, "remote-committee", "NODES", "overrides --committee for the remote network"],
    [runs, "allow-no-faults", "", "allow a committee of 1 to 3 nodes, which tolerates no fault"],
    [
      here,
      "docker-compose-path",
      "FILE",
      "compose file of the network",
      "./docker-compose.yml if there is one, else the packaged file",
    ],
    [here, "rpc-port", "PORT", "container port that marks the nodes in such a file", defaults.rpcPort],
    [runs, "rpc-tls", "", "the nodes' RPC has TLS in front of it: https and wss, certificates verified"],
    [runs, "rpc-ca", "FILE", "certificates (PEM) of authorities to trust there, besides the system's"],
    [runs, "startup-wait", "SECS", "wait at most this long for the network", defaults.startupWaitSecs],
    [sweep, "keep-network", "", "all loads share one network, not a fresh one each"],
    [runs, "cleanup", "", "at the end remove containers and networks; without it they keep running"],
    [runs, "cleanup-thorough", "", "remove their volumes and data too"],
    [runs, "min-round-delay", "MS", "shortest time between two rounds", protocolOptions.minRoundDelayMs],
    [
      sweep,
      "leader-timeout",
      "MS",
      "longest wait for a round's leaders",
      `${protocolOptions.leaderTimeoutMs}, on remote hosts ${defaultRemote.leaderTimeoutMs}`,
    ],
    [local, "leader-timeout", "MS", "longest wait for a round's leaders", protocolOptions.leaderTimeoutMs],
    [remote, "leader-timeout", "MS", "longest wait for a round's leaders", defaultRemote.leaderTimeoutMs],
    [runs, "leaders-per-round", "COUNT", "leaders of each round", protocolOptions.leadersPerRound],
    [runs, "block-size", "BYTES", "transactions in one block of a node", protocolOptions.blockSizeBytes],
    [
      runs,
      "mempool-size",
      "COUNT",
      "waiting transactions a node holds",
      protocolOptions.mempoolSizeTransactions,
    ],
    [
      runs,
      "log-sync",
      "WHEN",
      "nodes force their log to the disk: none, interval (each second), or block (before each own block)",
      protocolOptions.logSync,
    ],
  ]),
  ...group("Remote hosts", [
    [ssh, "hosts", "FILE", "file of the hosts, .env or .yaml", "MYSTICETI_NODE0_HOST and so on"],
    [
      ssh,
      "host-key-policy",
      "POLICY",
      "strict: host keys must be known; accept-new: those of new hosts are noted; insecure: anything goes",
      defaultRemote.hostKeyPolicy,
    ],
    [ssh, "known-hosts", "FILE", "file of known host keys", "~/.ssh/known_hosts and the system's"],
    [ssh, "ssh-timeout", "SECS", "wait at most this long for a host", defaultRemote.sshTimeoutSecs],
    [
      away,
      "rpc-via",
      "WAY",
      "to the nodes' RPC: direct, or ssh, where their ports are closed",
      defaultRemote.rpcVia,
    ],
    [
      away,
      "client-placement",
      "PLACE",
      "where clients run: coordinator (here), colocated (on the nodes' hosts), dedicated (on hosts of their own, CLIENT0_HOST and so on)",
      defaultRemote.clientPlacement,
    ],
    [away, "image", "NAME", "image of the nodes", "one made here and sent"],
    [away, "pull", "", "hosts fetch that image from its registry, it is not sent"],
    [away, "node-cpus", "CPUS", "CPUs that a node may use, 0.5 for half of one"],
    [away, "node-memory", "MIB", "memory that a node may use"],
  ]),
  ...group("Test hosts", [
    [testbed, "count", "HOSTS", "how many, 1 to 16", 4],
    [testbed, "docker", "", "a Docker engine runs in each already", true],
    [testbed, "hosts-file", "FILE", "where to write how they are reached, for --hosts", "./testbed.env"],
    [testbed, "images", "", "down removes the images of test hosts too"],
  ]),
  ...group("Crash faults", [
    [sweep, "faults", "NODES", "nodes that crash (SIGKILL) when the window opens", defaults.faults],
    [sweep, "crash-recovery", "", "they come back after --crash-interval, and others crash in turn"],
    [sweep, "crash-interval", "SECS", "how long a node stays down", defaults.crashIntervalSecs],
    [sweep, "failover", "", "a dead node's transactions go to the next node; without it they fail"],
    [sweep, "allow-no-quorum", "", "allow more faults than the committee tolerates"],
  ]),
  ...group("Load", [
    [sweep, "loads", "TPS,...", "loads of the chosen network in tx/s, one run each"],
    [sweep, "local-loads", "TPS,...", "loads of the local network", defaults.localLoadsTps.join(",")],
    [sweep, "remote-loads", "TPS,...", "loads of the remote network", defaults.remoteLoadsTps.join(",")],
    [sweep, "runs", "COUNT", "runs of each load: all loads once, then all again", defaults.runs],
    [calibrate, "runs", "COUNT", "runs of each of the two sides", calibratedRuns],
    [sweep, "duration", "SECS", "measurement window of each run", defaults.durationSecs],
    [sweep, "num-transactions", "COUNT", "measure exactly this many, instead of --duration"],
    [once, "num-transactions", "COUNT", "measure exactly this many", 1000],
    [once, "transaction-rate", "TPS", "transactions per second", 100],
    [runs, "transaction-size", "BYTES", "size of each transaction", defaults.transactionSizeBytes],
    [runs, "arrival", "KIND", "constant gaps between transactions, or poisson", defaults.arrival],
    [
      runs,
      "clients",
      "N",
      "load-generating threads, or auto: one for every 20,000 tx/s, and a core left over",
      defaults.clients,
    ],
    [
      runs,
      "pacing",
      "MODE",
      "how clients wait for the next due time: precise (a core each), balanced, eco, or auto, by the cores that are free",
      defaults.pacing,
    ],
    [sweep, "profile", "PROFILE", profileForms, "constant"],
    [sweep, "phases", "FILE", "YAML file of parts of the window: name, duration or share, profile or level"],
    [runs, "seed", "TEXT", "payloads and arrivals follow from it", defaults.seed],
    [runs, "warm-up", "SECS", "load before the window, discarded", "10 % of the window, at least 2"],
    [runs, "drain", "SECS", "wait at most this long for what is outstanding", defaults.drainSecs],
    [runs, "request-timeout", "SECS", "a later reply counts as timed out", defaults.requestTimeoutSecs],
    [runs, "max-in-flight", "COUNT", "requests under way at once", defaults.maxInFlight],
    [
      runs,
      "queue-limit",
      "COUNT",
      "transactions that may wait; more are dropped, and counted",
      defaults.queueLimit,
    ],
    [
      runs,
      "transport",
      "KIND",
      "how transactions get to the nodes: http, http-batch, websocket, or undici (a library's HTTP, to compare with)",
      transport.kind,
    ],
    [
      runs,
      "in-flight-per-connection",
      "COUNT",
      "requests under way on one connection",
      transport.inFlightPerConnection,
    ],
    [runs, "batch-size", "COUNT", "most transactions in a request of http-batch", defaultBatchSize],
  ]),
  ...group("Search", [
    [sweep, "search", "", "find the highest sustained load, instead of --loads"],
    [sweep, "search-from", "TPS", "lowest load, with which it begins", search.fromTps],
    [sweep, "search-to", "TPS", "highest load that is tried", search.toTps],
    [sweep, "search-precision", "PERCENT", "how near to find it", search.precisionRatio * 100],
    [
      sweep,
      "search-efficiency",
      "PERCENT",
      "sustained: at least this efficiency",
      search.efficiencyRatio * 100,
    ],
    [sweep, "search-latency", "MS", "sustained: p99 latency within this; without it any"],
    [
      sweep,
      "search-backlog",
      "PERCENT",
      "sustained: the backlog grows by no more than this share of the load",
      search.backlogGrowthRatio * 100,
    ],
  ]),
  ...group("Verdict", [
    [runs, "strict", "", "a generator-limited run fails too, with exit code 3"],
    [report, "strict", "", "a generator-limited run fails too, with exit code 3; as the sweep had it"],
    [
      held,
      "assert",
      "'METRIC<VALUE'",
      "what must hold at each load, such as 'commit.p99<500ms', 'efficiency>=95%', or against --baseline 'throughput>-5%'; may be given several times; exit code 3 where one does not hold",
    ],
    [held, "baseline", "BUNDLE", "an earlier sweep, from which changes are measured"],
    [runs, "lateness-floor-ms", "MS", "p99 lateness of sends may reach this ...", limits.latenessFloorMs],
    [runs, "lateness-ratio", "RATIO", "... or this share of the median latency", limits.latenessRatio],
    [runs, "achieved-ratio", "RATIO", "smallest share of the schedule to be sent", limits.achievedRatio],
    [runs, "strict-environment", "", "a run on machines that were not left alone fails, with exit code 3"],
    [runs, "background-limit", "PERCENT", "CPU that others may use in a second", machines.backgroundPercent],
    [runs, "steal-limit", "PERCENT", "CPU that a hypervisor may keep in a second", machines.stealPercent],
    [
      runs,
      "memory-pressure-limit",
      "PERCENT",
      "of a second that tasks may wait for memory",
      machines.memoryPressurePercent,
    ],
    [
      runs,
      "disturbed-limit",
      "PERCENT",
      "of the window's seconds that may pass such a limit",
      machines.disturbedPercent,
    ],
  ]),
  ...group("Comparison", [
    [compare, "min-effect", "PERCENT", "smallest difference that counts as one", minEffectPercent],
    [
      compare,
      "calibration",
      "FILE",
      "calibration.json: what two identical sides differ by does not count either",
    ],
    [
      compare,
      "allow-different",
      "NAME,...",
      "parameters of the measurement that may differ, such as duration",
    ],
  ]),
  ...group("Leftovers", [
    [cleaning, "yes", "", "remove everything that is listed"],
    [cleaning, "run", "ID", "remove what this run left, and nothing else"],
    [cleaning, "images", "", "with the images that later runs would reuse, and those of former versions"],
  ]),
  ...group("Results", [
    [sweep, "resume", "BUNDLE", "go on with a sweep that ended early; its parameters stay"],
    [sweep, "output-dir", "FOLDER", "each sweep makes a folder of its own in it", defaults.outputDir],
    [once, "output-dir", "FOLDER", "write result files into a new folder inside this one"],
    [sweep, "file-output", "", "write result files", defaults.fileOutput],
    [compare, "output-dir", "FOLDER", "where --file-output writes", "."],
    [compare, "file-output", "", "write comparison.json and comparison.txt; so does --output-dir", false],
    [held, "junit", "FILE", "write verdicts and assertions as JUnit XML"],
    [held, "markdown", "FILE", "write a summary for a pull request"],
    [held, "bench-json", "FOLDER", "write throughput.json and latency.json for github-action-benchmark"],
    [runs, "console-output", "", "print each result as its run ends", defaults.consoleOutput],
    [all, "json", "", "standard output is one JSON document"],
  ]),
  ...group("General", [
    [all, "config", "FILE", "YAML file of options, such as duration: 60"],
    [all, "verbose", "", "tell more on standard error; so does BALEEN_LOG=debug"],
    [all, "quiet", "", "only warnings and errors on standard error"],
    [all, "log-format", "FORMAT", "of standard error: text, or json for one event a line", "text"],
    [all, "help", "", "show this help; -h too"],
    [all, "version", "", "show the version"],
  ]),
];

/** A calibration measures what a benchmark would, so it takes its options, but these. */
const notOfCalibration = /^(runs|resume|search.*|assert|baseline|junit|markdown|bench-json)$/;

export function optionsOf(command: CommandName): readonly Option[] {
  const taken = ({ name, commands }: Option) =>
    commands.includes(command) ||
    (command === "calibrate" && commands.includes("benchmark") && !notOfCalibration.test(name));
  return options.filter(taken);
}
