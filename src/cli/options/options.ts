import { defaultRemote, defaultParameters as defaults } from "../../options/parameters.ts";
import { defaultCompareOptions } from "../../results/analysis/comparison/compare.ts";
import type { CommandName } from "./command-table.ts";
import { loadOptions } from "./load-options.ts";
import { mysticetiOptions } from "./mysticeti-options.ts";
import { group, type Option } from "./option.ts";

const { limits, environmentLimits: machines } = defaults;
const minEffectPercent = defaultCompareOptions.minEffectRatio * 100;

/** All options, in the order of the help. A name stands twice where two commands differ in it. */
export const options: readonly Option[] = [
  ...group("Network", [
    [
      "benchmark",
      "network-type TYPE",
      "local, remote (hosts over SSH), or both, compared",
      defaults.networkType,
    ],
    [
      "plannedHere",
      "runtime KIND",
      "docker, process, or auto: docker where an engine answers",
      defaults.runtime,
    ],
    ["planned", "committee NODES", "nodes in the committee, 1 to 128", defaults.committee],
    ["benchmark", "local-committee NODES", "overrides --committee for the local network"],
    ["benchmark", "remote-committee NODES", "overrides --committee for the remote network"],
    ["planned", "allow-no-faults", "allow a committee of 1 to 3 nodes, which tolerates no fault"],
    [
      "plannedHere",
      "docker-compose-path FILE",
      "compose file of the network",
      "./docker-compose.yml if there is one, else the packaged file",
    ],
    ["plannedHere", "rpc-port PORT", "container port that marks the nodes in such a file", defaults.rpcPort],
    ["runs", "rpc-tls", "the nodes' RPC has TLS in front of it: https and wss, certificates verified"],
    ["runs", "rpc-ca FILE", "certificates (PEM) of authorities to trust there, besides the system's"],
    ["runs", "startup-wait SECS", "wait at most this long for the network", defaults.startupWaitSecs],
    ["benchmark", "keep-network", "all loads share one network, not a fresh one each"],
    ["runs", "cleanup", "at the end remove containers and networks; without it they keep running"],
    ["runs", "cleanup-thorough", "remove their volumes and data too"],
  ]),
  ...group("Protocol", [
    [
      "planned",
      "protocol NAME|FILE",
      "the system under test: a name (see baleen protocols), or the path of a YAML file that describes one",
      defaults.protocol.name,
    ],
    [
      "planned",
      "protocol-option NAME=VALUE",
      "an option of the protocol, such as timeoutCommitMs=500; may be given several times",
    ],
    [
      "planned",
      "node-binary PATH",
      "program of the nodes, where it is not a part of Baleen; containers get an image that is made of it",
      "looked for on PATH by its usual name",
    ],
    ["planned", "image NAME", "image of the nodes", "the protocol's, or one made here"],
  ]),
  ...mysticetiOptions,
  ...group("Remote hosts", [
    ["ssh", "hosts FILE", "file of the hosts, .env or .yaml", "MYSTICETI_NODE0_HOST and so on"],
    [
      "ssh",
      "host-key-policy POLICY",
      "strict: host keys must be known; accept-new: those of new hosts are noted; insecure: anything goes",
      defaultRemote.hostKeyPolicy,
    ],
    ["ssh", "known-hosts FILE", "file of known host keys", "~/.ssh/known_hosts and the system's"],
    ["ssh", "ssh-timeout SECS", "wait at most this long for a host", defaultRemote.sshTimeoutSecs],
    [
      "away",
      "rpc-via WAY",
      "to the nodes' RPC: direct, or ssh, where their ports are closed",
      defaultRemote.rpcVia,
    ],
    [
      "away",
      "client-placement PLACE",
      "where clients run: coordinator (here), colocated (on the nodes' hosts), dedicated (on hosts of their own, CLIENT0_HOST and so on)",
      defaultRemote.clientPlacement,
    ],
    ["away", "pull", "hosts fetch that image from its registry, it is not sent"],
    ["away", "node-cpus CPUS", "CPUs that a node may use, 0.5 for half of one"],
    ["away", "node-memory MIB", "memory that a node may use"],
  ]),
  ...group("Test hosts", [
    ["testbed", "count HOSTS", "how many, 1 to 16", 4],
    ["testbed", "docker", "a Docker engine runs in each already", true],
    ["testbed", "hosts-file FILE", "where to write how they are reached, for --hosts", "./testbed.env"],
    ["testbed", "images", "down removes the images of test hosts too"],
  ]),
  ...group("Crash faults", [
    ["benchmark", "faults NODES", "nodes that crash (SIGKILL) when the window opens", defaults.faults],
    ["benchmark", "crash-recovery", "they come back after --crash-interval, and others crash in turn"],
    ["benchmark", "crash-interval SECS", "how long a node stays down", defaults.crashIntervalSecs],
    ["benchmark", "failover", "a dead node's transactions go to the next node; without it they fail"],
    ["benchmark", "allow-no-quorum", "allow more faults than the committee tolerates"],
  ]),
  ...loadOptions,
  ...group("Verdict", [
    ["runs", "strict", "a generator-limited run fails too, with exit code 3"],
    ["report", "strict", "a generator-limited run fails too, with exit code 3; as the sweep had it"],
    [
      "held",
      "assert 'METRIC<VALUE'",
      "what must hold at each load, such as 'commit.p99<500ms', 'efficiency>=95%', or against --baseline 'throughput>-5%'; may be given several times; exit code 3 where one does not hold",
    ],
    ["held", "baseline BUNDLE", "an earlier sweep, from which changes are measured"],
    ["runs", "lateness-floor-ms MS", "p99 lateness of sends may reach this ...", limits.latenessFloorMs],
    ["runs", "lateness-ratio RATIO", "... or this share of the median latency", limits.latenessRatio],
    ["runs", "achieved-ratio RATIO", "smallest share of the schedule to be sent", limits.achievedRatio],
    ["runs", "strict-environment", "a run on machines that were not left alone fails, with exit code 3"],
    ["runs", "background-limit PERCENT", "CPU that others may use in a second", machines.backgroundPercent],
    ["runs", "steal-limit PERCENT", "CPU that a hypervisor may keep in a second", machines.stealPercent],
    [
      "runs",
      "memory-pressure-limit PERCENT",
      "of a second that tasks may wait for memory",
      machines.memoryPressurePercent,
    ],
    [
      "runs",
      "disturbed-limit PERCENT",
      "of the window's seconds that may pass such a limit",
      machines.disturbedPercent,
    ],
  ]),
  ...group("Comparison", [
    ["compare", "min-effect PERCENT", "smallest difference that counts as one", minEffectPercent],
    [
      "compare",
      "calibration FILE",
      "calibration.json: what two identical sides differ by does not count either",
    ],
    [
      "compare",
      "allow-different NAME,...",
      "parameters of the measurement that may differ, such as duration",
    ],
  ]),
  ...group("Logs", [
    ["logs", "follow", "go on with what comes, until Ctrl-C; -f too"],
    ["logs", "tail LINES", "how many of the last lines", 100],
    ["logs", "run ID", "of this run, where several have such a node"],
    ["logs", "bundle BUNDLE", "what a bundle kept of it, from each run of its sweep"],
  ]),
  ...group("Leftovers", [
    ["cleaning", "yes", "remove everything that is listed"],
    ["cleaning", "run ID", "remove what this run left, and nothing else"],
    ["cleaning", "images", "with the images that later runs would reuse, and those of former versions"],
  ]),
  ...group("Results", [
    ["benchmark", "resume BUNDLE", "go on with a sweep that ended early; its parameters stay"],
    ["written", "output-dir FOLDER", "each sweep makes a folder of its own in it", defaults.outputDir],
    ["once", "output-dir FOLDER", "write result files into a new folder inside this one"],
    [
      "reading",
      "output-dir FOLDER",
      "where bundles are looked for by name, id, or as last",
      defaults.outputDir,
    ],
    ["benchmark", "file-output", "write result files", defaults.fileOutput],
    ["compare", "output-dir FOLDER", "where --file-output writes", "."],
    ["compare", "file-output", "write comparison.json and comparison.txt; so does --output-dir", false],
    ["held", "junit FILE", "write verdicts and assertions as JUnit XML"],
    ["held", "markdown FILE", "write a summary for a pull request"],
    ["held", "bench-json FOLDER", "write throughput.json and latency.json for github-action-benchmark"],
    ["runs", "console-output", "print each result as its run ends", defaults.consoleOutput],
    ["all", "json", "standard output is one JSON document"],
  ]),
  ...group("General", [
    ["configured", "config FILE", "YAML file of options, such as duration: 60; baleen init writes one"],
    ["init", "yes", "write over what is there"],
    ["all", "verbose", "tell more on standard error; so does BALEEN_LOG=debug"],
    [
      "runs",
      "live",
      "on a terminal, show how a run goes in lines that are redrawn; else a line every 5 s",
      true,
    ],
    ["all", "quiet", "only warnings and errors on standard error"],
    ["all", "log-format FORMAT", "of standard error: text, or json for one event a line", "text"],
    ["all", "help", "show this help; -h too"],
    ["all", "version", "show the version"],
  ]),
];

/** A calibration measures what a benchmark would, so it takes its options, but these. */
const notOfCalibration = /^(runs|resume|search.*|assert|baseline|junit|markdown|bench-json)$/;

/** The wizard asks for what a benchmark would be given: for a new sweep, and in place of a file. */
const notOfWizard = /^(resume|config)$/;

const benchmarkLike: Readonly<Partial<Record<CommandName, RegExp>>> = {
  calibrate: notOfCalibration,
  wizard: notOfWizard,
};

export function optionsOf(command: CommandName): readonly Option[] {
  const lacking = benchmarkLike[command];
  const taken = ({ name, commands }: Option) =>
    commands.includes(command) ||
    (lacking !== undefined && commands.includes("benchmark") && !lacking.test(name));
  return options.filter(taken);
}
