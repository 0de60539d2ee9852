import { usualPeers } from "../../contracts/load/peer-events.ts";
import { defaultRemote, defaultParameters as defaults } from "../../options/defaults.ts";
import { defaultCompareOptions } from "../../results/analysis/comparison/compare.ts";
import { browserOptions } from "./browser-options.ts";
import type { CommandName } from "./command-table.ts";
import { usualDashboardPort } from "./dashboard.ts";
import { linkOptions } from "./link-options.ts";
import { loadOptions } from "./load-options.ts";
import { mysticetiOptions } from "./mysticeti-options.ts";
import { group, type Option } from "./option.ts";
import { resultOptions } from "./result-options.ts";

const { limits, environmentLimits: machines } = defaults;
const minEffectPercent = defaultCompareOptions.minEffectRatio * 100;

/**
 * All options, in the order of the help. A name stands twice where two commands differ in it. What an option accepts is
 * its rule in src/options/rules/rules.ts.
 */
export const options: readonly Option[] = [
  ...group("Network", [
    [
      "sweeps",
      "network-type TYPE",
      "local, remote (hosts over SSH), or both to compare them",
      defaults.networkType,
    ],
    [
      "plannedHere",
      "runtime KIND",
      "docker, process, or auto: docker if an engine answers",
      defaults.runtime,
    ],
    ["committees", "committee NODES", "number of nodes, 1 to 128", defaults.committee],
    ["mesh", "peers COUNT", "number of peers, 1 to 128", usualPeers],
    [
      "peers",
      "preset NAME|FILE",
      "what happens to peers and links: a name from baleen links, or a timeline file",
    ],
    ["benchmark", "local-committee NODES", "--committee for the local network only"],
    ["benchmark", "remote-committee NODES", "--committee for the remote network only"],
    [
      "hosts",
      "committee NODES",
      "with check, report whether the hosts are enough for so many nodes, 1 to 128",
    ],
    ["links", "committee NODES", "number of nodes, 1 to 128", "4, or one for each region"],
    [
      "map",
      "committee NODES",
      "of a links file, number of nodes, 1 to 128",
      "those that have positions, or 4",
    ],
    ["planned", "allow-no-faults", "allow committees of 1 to 3 nodes, which tolerate no fault"],
    [
      "plannedHere",
      "docker-compose-path FILE",
      "compose file that starts the network",
      "./docker-compose.yml if it labels nodes, else the packaged file",
    ],
    [
      "plannedHere",
      "rpc-port PORT",
      "container port that identifies nodes in your compose file",
      defaults.rpcPort,
    ],
    [
      "published",
      "rpc-base-port PORT",
      "RPC port of node0 on this machine; node1 gets the next one, and so on",
      "26657 for containers, free ports for processes",
    ],
    [
      "published",
      "metrics-base-port PORT",
      "metrics port of node0 on this machine; node1 gets the next one, and so on",
      "26670 for containers, free ports for processes",
    ],
    ["sent", "rpc-tls", "use https and wss for the nodes' RPC, and verify certificates"],
    ["sent", "rpc-ca FILE", "additional CA certificates (PEM) for --rpc-tls"],
    ["runs", "startup-wait SECS", "longest wait until the network is ready", defaults.startupWaitSecs],
    ["benchmark", "keep-network", "use one network for all loads instead of a fresh one for each"],
    ["runs", "cleanup", "remove containers and networks at the end instead of leaving them running"],
    ["runs", "cleanup-thorough", "like --cleanup, and also remove volumes and data"],
  ]),
  ...group("Protocol", [
    [
      "planned",
      "protocol NAME|FILE",
      "system under test: a name from baleen protocols, or the path of a YAML description",
      defaults.protocol.name,
    ],
    [
      "planned",
      "protocol-option NAME=VALUE",
      "option of the protocol, such as timeoutCommitMs=500; repeatable",
    ],
    [
      "planned",
      "node-binary PATH",
      "node program, if it is not part of Baleen; for containers, Baleen builds an image from it",
      "its usual name on PATH",
    ],
    ["planned", "image NAME", "image of the nodes", "the protocol's image, or one built here"],
  ]),
  ...mysticetiOptions,
  ...group("Remote hosts", [
    ["ssh", "hosts FILE", "hosts file, .env or .yaml", "MYSTICETI_NODE0_HOST and so on"],
    [
      "ssh",
      "host-key-policy POLICY",
      "strict: host keys must be known; accept-new: save the keys of new hosts; insecure: accept any key",
      defaultRemote.hostKeyPolicy,
    ],
    ["ssh", "known-hosts FILE", "known hosts file", "~/.ssh/known_hosts and the system's"],
    ["ssh", "ssh-timeout SECS", "longest wait for a host", defaultRemote.sshTimeoutSecs],
    [
      "away",
      "rpc-via WAY",
      "how to reach the nodes' RPC: direct, or ssh (a tunnel, for closed ports)",
      defaultRemote.rpcVia,
    ],
    [
      "away",
      "client-placement PLACE",
      "where clients run: coordinator (this machine), colocated (the nodes' hosts), or dedicated (separate hosts, CLIENT0_HOST and so on)",
      defaultRemote.clientPlacement,
    ],
    ["away", "pull", "hosts pull --image from its registry instead of receiving it from here"],
    ["away", "node-cpus CPUS", "CPU limit of each node; 0.5 is half a CPU"],
    ["away", "node-memory MIB", "memory limit of each node"],
  ]),
  ...group("Test hosts", [
    [
      "testbed",
      "name NAME",
      "name of the test hosts; hosts of different names exist side by side",
      "default",
    ],
    ["testbed", "count HOSTS", "number of hosts, 1 to 16", 4],
    ["testbed", "docker", "run a Docker engine in each host", true],
    [
      "testbed",
      "hosts-file FILE",
      "hosts file to write, for --hosts",
      "./testbed.env, or ./testbed-NAME.env with --name",
    ],
    ["testbed", "images", "with down, also remove the images of test hosts"],
  ]),
  ...group("Crash faults", [
    [
      "benchmark",
      "faults NODES",
      "number of nodes to crash (SIGKILL) when the window opens",
      defaults.faults,
    ],
    ["benchmark", "crash-recovery", "restart crashed nodes after --crash-interval and crash others in turn"],
    ["benchmark", "crash-interval SECS", "how long a node stays down", defaults.crashIntervalSecs],
    ["benchmark", "failover", "send a dead node's transactions to the next node; otherwise they fail"],
    ["benchmark", "allow-no-quorum", "allow more faults than the committee tolerates"],
  ]),
  ...loadOptions,
  ...linkOptions,
  ...group("Verdict", [
    ["runs", "strict", "fail generator-limited runs too, with exit code 3"],
    ["report", "strict", "fail generator-limited runs too, with exit code 3; default: as in the sweep"],
    [
      "held",
      "assert 'METRIC<VALUE'",
      "condition for each load, such as 'commit.p99<500ms', 'efficiency>=95%', or, relative to --baseline, 'throughput>-5%'; repeatable; exit code 3 if one fails",
    ],
    ["held", "baseline BUNDLE", "earlier sweep for relative assertions; with --vary also one of its points"],
    ["sent", "lateness-floor-ms MS", "limit for the p99 lateness of sends: this ...", limits.latenessFloorMs],
    [
      "sent",
      "lateness-ratio RATIO",
      "... or this share of the median latency, whichever is greater",
      limits.latenessRatio,
    ],
    [
      "runs",
      "achieved-ratio RATIO",
      "smallest share of the schedule that must be sent",
      limits.achievedRatio,
    ],
    ["runs", "strict-environment", "fail runs on disturbed machines, with exit code 3"],
    [
      "runs",
      "background-limit PERCENT",
      "limit for the CPU that other programs use in a second",
      machines.backgroundPercent,
    ],
    [
      "runs",
      "steal-limit PERCENT",
      "limit for the CPU that the hypervisor steals in a second",
      machines.stealPercent,
    ],
    [
      "runs",
      "memory-pressure-limit PERCENT",
      "limit for the share of a second that tasks wait for memory",
      machines.memoryPressurePercent,
    ],
    [
      "runs",
      "disturbed-limit PERCENT",
      "share of the window's seconds that may exceed one of these limits",
      machines.disturbedPercent,
    ],
  ]),
  ...group("Comparison", [
    ["compare", "min-effect PERCENT", "smallest difference to report", minEffectPercent],
    [
      "compare",
      "calibration FILE",
      "calibration.json from baleen calibrate: ignore differences within its noise",
    ],
    [
      "compare",
      "allow-different NAME,...",
      "parameters of the measurement that may differ, such as duration",
    ],
  ]),
  ...group("Logs", [
    ["logs", "follow", "keep printing new lines until Ctrl-C; also -f"],
    ["logs", "tail LINES", "number of lines from the end", 100],
    ["logs", "run ID", "the run, if several have a node of this name"],
    ["logs", "bundle BUNDLE", "print what a bundle kept of the log, from each run of its sweep"],
  ]),
  ...group("Pages", [
    ["serve", "port PORT", "port to listen on; 0 for a free one", usualDashboardPort],
    ["serve", "listen ADDRESS", "address to listen on; another than loopback requires a token", "127.0.0.1"],
    [
      "serve",
      "token TOKEN",
      "what a browser must know; default: none on loopback, a new one elsewhere. Better given as BALEEN_TOKEN",
    ],
    [
      "serve",
      "events-dir FOLDER",
      "take events that programs push to /events, into a file for each stream; default: none are taken",
    ],
  ]),
  ...browserOptions,
  ...group("Leftovers", [
    ["cleaning", "yes", "remove everything listed"],
    ["cleaning", "run ID", "remove only what this run left"],
    ["cleaning", "images", "include images, those for later runs and those of earlier versions"],
  ]),
  ...resultOptions,
  ...group("General", [
    ["configured", "config FILE", "YAML file with options, such as duration: 60; baleen init creates one"],
    ["init", "yes", "overwrite existing files"],
    ["dashboards", "yes", "overwrite existing files"],
    [
      "all",
      "verbose",
      "print each command, engine request and decision on standard error; also BALEEN_LOG=debug",
    ],
    [
      "runs",
      "dashboard [PORT]",
      `show the run in a browser while it goes on; the port is ${usualDashboardPort}, or a free one if that is taken`,
      false,
    ],
    [
      "runs",
      "monitoring",
      "run Prometheus and Grafana in containers while the command runs; implies --dashboard",
      false,
    ],
    ["runs", "live", "redraw progress in place on a terminal; otherwise print a line every 5 s", true],
    ["all", "quiet", "print only warnings and errors on standard error"],
    ["all", "log-format FORMAT", "format of standard error: text, or json (one event per line)", "text"],
    ["all", "log-file FILE", "write what --verbose prints to this file, with times"],
    ["all", "help", "show this help; also -h"],
    ["all", "version", "show the version"],
  ]),
];

/** A calibration measures what a benchmark would, so it takes its options, but these. */
const notOfCalibration = /^(vary|turns|runs|resume|yes|search.*|assert|baseline|junit|markdown|bench-json)$/;

/** The wizard asks for what a benchmark would be given: for a new sweep, and in place of a file. */
const notOfWizard = /^(resume|yes|config|dashboard|influx|monitoring)$/;

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
