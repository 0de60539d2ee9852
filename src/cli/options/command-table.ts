/** What the overview puts together, in its order. */
export const commandGroups = ["Run", "Results", "Hosts", "This machine", "Set up"] as const;

/** A word without `--` that a command is given, in its place. */
export interface Operand {
  /** As diagnostics call it: "what to do". */
  readonly noun: string;
  /** The only words that it may be; undefined: any. */
  readonly words?: readonly string[] | undefined;
  /** In the help, where it may be anything. */
  readonly placeholder?: string | undefined;
  /** It need not be given. */
  readonly optional?: true | undefined;
}

/** What is known of a command beside its options: for dispatch, overview and help. */
interface CommandDescriptor {
  readonly group: (typeof commandGroups)[number];
  /** A sentence: all that the overview says. */
  readonly summary: string;
  /** What its own help says besides. */
  readonly details?: string | undefined;
  readonly operands?: readonly Operand[] | undefined;
  /** What may follow its name; "": nothing. */
  readonly examples: readonly string[];
}

/** Commands that are programs of their own, too. */
export const binaryNames = ["benchmark", "local-network", "remote-network"] as const;

/** Named as findBundle takes it. */
const bundle = { noun: "the bundle", placeholder: "BUNDLE" } as const;

/** `baleen NAME`, in the order of the overview. */
const commandTable = {
  benchmark: {
    group: "Run",
    summary: "Deploys a committee, drives open-loop loads at it, and measures each one.",
    examples: [
      "--network-type local",
      "--loads 100,500,1000 --duration 60 --cleanup",
      "--runtime process --committee 7 --json > results.json",
      "--network-type remote --hosts hosts.env --loads 50,100",
      "--config sweep.yaml --duration 30",
    ],
  },
  "local-network": {
    group: "Run",
    summary: "Deploys a committee on this machine and sends transactions through it once.",
    examples: [
      "--cleanup",
      "--num-transactions 2000 --transaction-rate 200 --cleanup",
      "--runtime process --output-dir ./benchmarks",
    ],
  },
  "remote-network": {
    group: "Run",
    summary: "Deploys a committee on hosts over SSH and sends transactions through it once.",
    details: "Hosts need sshd and sudo; Docker is installed where it is missing.",
    examples: ["--hosts hosts.env --cleanup", "--hosts hosts.yaml --transaction-rate 500 --rpc-via ssh"],
  },
  wizard: {
    group: "Run",
    summary: "Asks for what a benchmark needs, shows it as a command and as a file, and runs it.",
    details:
      "The usual answers are at hand; what is given already, as flags or in the environment, becomes the usual answer. Hosts are connected to as they are typed in. Command and file are shown, to be kept. Ctrl-C leaves at any time.",
    examples: ["", "--network-type remote --hosts hosts.env", "--transport websocket --duration 60"],
  },
  calibrate: {
    group: "Run",
    summary: "Measures how far two identical sides differ on these machines.",
    details:
      "One sweep, its runs taken in turns for side A and side B. What differs by less is noise; give compare the calibration.json that it writes.",
    examples: [
      "--loads 100,500 --duration 60 --cleanup",
      "--runs 10 --network-type remote --hosts hosts.env",
    ],
  },
  ls: {
    group: "Results",
    summary: "Lists the bundles of a folder (./benchmarks), newest first, with their best throughput.",
    details:
      "The throughput is the highest of a run that is not invalid. One whose sweep was killed is unfinished, one that goes on is under way, one that cannot be read is broken. Nothing is verified. The id of a bundle, or its beginning, is enough to name it to other commands.",
    operands: [{ noun: "the folder", placeholder: "FOLDER", optional: true }],
    examples: ["", "results --json"],
  },
  show: {
    group: "Results",
    summary: "Prints the results of a bundle again, as they stand in it.",
    details:
      "Nothing is asserted; report does that. BUNDLE is a path, or the beginning of the name or the id of a bundle in --output-dir; last is the newest one there.",
    operands: [bundle],
    examples: ["last", "3f9a", "benchmarks/20240115T103000Z-local-3f9a2c1e --json"],
  },
  report: {
    group: "Results",
    summary: "Holds a sweep that has ended to assertions, and writes it in the formats of pipelines.",
    details: "It shows the results again, too. Assertions are those of the sweep, unless others are given.",
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
      "A verdict (faster, slower, no difference seen) takes five runs of a load a side: benchmark --runs 5. What is measured may differ; where the measurement itself does, nothing is compared.",
    operands: [
      { noun: "the first side", placeholder: "A" },
      { noun: "the second side", placeholder: "B" },
    ],
    examples: [
      "benchmarks/A last",
      "A B --min-effect 5 --calibration calibration.json",
      "A B --json",
      "A B --output-dir ./benchmarks",
    ],
  },
  verify: {
    group: "Results",
    summary: "Computes the numbers of a bundle again, and names the first that differs.",
    details:
      "That is every number that follows from others in it (from histograms, seconds, ledgers and runs); forms and hashes are checked too. Where one differs, the exit code is 3. It finds mistakes and edits. It does not prove who wrote a bundle.",
    operands: [bundle],
    examples: ["last", "benchmarks/20240115T103000Z-local-3f9c12ab --json"],
  },
  hosts: {
    group: "Hosts",
    summary: "Looks after the hosts of remote networks.",
    details:
      "check looks whether nodes can run there and changes nothing; prepare installs and starts Docker where it is missing; clean lists what killed or kept runs left, and removes it with --yes, or one run's with --run ID. A host that is not ready makes the exit code 1.",
    operands: [{ noun: "what to do", words: ["check", "prepare", "clean"] }],
    examples: [
      "check --hosts hosts.env",
      "prepare --hosts hosts.yaml --host-key-policy accept-new",
      "clean --hosts hosts.env --yes --images",
    ],
  },
  testbed: {
    group: "Hosts",
    summary: "Makes hosts for a trial: containers with sshd and sudo on this machine's Docker engine.",
    details: "up makes them and writes a file for --hosts; down removes them.",
    operands: [{ noun: "what to do", words: ["up", "down"] }],
    examples: ["up --count 4 --no-docker --hosts-file testbed.env", "down"],
  },
  doctor: {
    group: "This machine",
    summary: "Looks whether a benchmark can run here, and whether its numbers could be believed.",
    details:
      "With --hosts (or MYSTICETI_NODE0_HOST and so on) it looks at each host too. It says what is wrong, and the command that mends it, and changes nothing. A fault, which would keep a run from working, makes the exit code 1; warnings do not.",
    examples: ["", "--protocol cometbft --committee 7", "--runtime docker --json", "--hosts hosts.env"],
  },
  status: {
    group: "This machine",
    summary: "Shows what runs here, or on hosts: how far a benchmark is, and all nodes.",
    details:
      "How far it is stands in its bundle, which is looked for in --output-dir. With --hosts the nodes on these hosts are listed too.",
    examples: ["", "--hosts hosts.env", "--json"],
  },
  logs: {
    group: "This machine",
    summary: "Prints the log of a node, of one that runs, or as a bundle kept it.",
    details:
      "Nodes are looked for on this machine, and with --hosts on these hosts. What would steer a terminal is left out there.",
    operands: [{ noun: "the node", placeholder: "NODE" }],
    examples: [
      "node0 -f",
      "node1 --tail 1000 --run 3f9c12ab",
      "node3 --hosts hosts.env",
      "node0 --bundle last",
    ],
  },
  clean: {
    group: "This machine",
    summary: "Lists what killed or kept runs left on this machine.",
    details:
      "--yes removes everything that is listed; --run ID removes what that run left. Only what carries a label of ours is ever touched.",
    examples: ["", "--run 3f9c12ab", "--yes --images"],
  },
  init: {
    group: "Set up",
    summary: "Writes a file of options (./bench.yaml) with a comment on each part, ready to run.",
    details: "With it goes what editors need to complete it. Nothing is written over without --yes.",
    operands: [{ noun: "the file", placeholder: "FILE", optional: true }],
    examples: ["", "benchmarks/nightly.yaml", "--yes"],
  },
  validate: {
    group: "Set up",
    summary: "Says what is wrong with a file of options, of hosts or the like, each fault with its line.",
    details:
      "It may be a file of options (--config), of hosts, or of phases, a trace, or the description of a system. Files that it names are read too. Nothing is started, and no host is asked. A file that is right is told in a few lines: what would be run, and how long that takes.",
    operands: [{ noun: "the file", placeholder: "FILE" }],
    examples: ["bench.yaml", "hosts.yaml --json"],
  },
  completion: {
    group: "Set up",
    summary: "Prints a script by which bash, zsh or fish completes all of this.",
    details:
      "It completes commands, options, their choices, files, bundles and protocols, for baleen and the programs that it comes with. Put it into a file that your shell reads when it starts, once for each version of this package.",
    operands: [{ noun: "the shell", words: ["bash", "zsh", "fish"] }],
    examples: [
      "bash > ~/.baleen.bash && echo '. ~/.baleen.bash' >> ~/.bashrc",
      "zsh > ~/.baleen.zsh && echo '. ~/.baleen.zsh' >> ~/.zshrc",
      "fish > ~/.config/fish/conf.d/baleen.fish",
    ],
  },
  protocols: {
    group: "Set up",
    summary: "Lists the systems that can be measured, and what of each can be observed.",
    details: "Of one, by its name or the path of its description, its options too.",
    operands: [{ noun: "the protocol", placeholder: "NAME|FILE", optional: true }],
    examples: ["", "cometbft", "examples/etcd/etcd.yaml --json"],
  },
} as const satisfies Readonly<Record<string, CommandDescriptor>>;

export type CommandName = keyof typeof commandTable;

/** What can be done: `baleen NAME`. */
export const commandNames = Object.keys(commandTable) as readonly CommandName[];

export function describeCommand(command: CommandName): CommandDescriptor {
  return commandTable[command];
}

export function operandsOf(command: CommandName): readonly Operand[] {
  return describeCommand(command).operands ?? [];
}
