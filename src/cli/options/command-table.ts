import type { CommandDescriptor, Operand } from "./command-descriptor.ts";
import { resultCommands } from "./result-commands.ts";

/** Commands that are programs of their own, too. */
export const binaryNames = ["benchmark", "local-network", "remote-network"] as const;

/** `baleen NAME`, in the order of the overview. */
const commandTable = {
  benchmark: {
    group: "Run",
    summary: "Deploys a committee, drives open-loop loads at it, and measures each one.",
    examples: [
      "--network-type local",
      "--loads 100,500,1000 --duration 60 --cleanup",
      "--runtime process --committee 7 --json > results.json",
      "--loads 100 --vary committee=4,7,10 --name sizes",
      "--network-type remote --hosts hosts.env --loads 50,100",
      "--config sweep.yaml --duration 30",
    ],
  },
  mesh: {
    group: "Run",
    summary: "Starts peers that write and read messages, disturbs their links, and measures what arrives.",
    details:
      "It is benchmark with --protocol mesh, and takes its options. --peers is --committee, --preset is --timeline, and the load is 2 messages a second for each peer.",
    examples: [
      "--peers 8 --duration 60",
      "--peers 8 --preset jamming",
      "--peers 5 --topology ring --delay 20ms",
    ],
  },
  browsers: {
    group: "Run",
    summary: "Starts browsers that run a peer library, has them run routines in a test, and measures it.",
    details:
      "With --local it runs the whole test on this machine, and leaves a bundle: it is benchmark with --protocol browsers, and takes its options. --peers is --committee, --preset is --timeline, and the load is 11.1 messages a second for each peer that sends. With --network-type remote the browsers run on hosts. Without either it only starts browsers, which take part in a test that is run elsewhere: TEST_ID, RESULTS_SERVER_URL, LIGHTHOUSE_URL and CLIENT_URL, or the flags, say which. Chromium must be installed: apt-get install --no-install-recommends chromium fonts-dejavu-core.",
    examples: [
      "--local --duration 60",
      "--local --peers 20 --routine comms,listen",
      "--local --peer-library @dcl/catalyst-peer@1.0.4 --runs 5",
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
    details: "Hosts need sshd and sudo; Baleen installs Docker if it is missing.",
    examples: ["--hosts hosts.env --cleanup", "--hosts hosts.yaml --transaction-rate 500 --rpc-via ssh"],
  },
  wizard: {
    group: "Run",
    summary: "Asks for the settings of a benchmark, shows them as a command and as a file, and runs it.",
    details:
      "It suggests defaults; flags and environment variables become the defaults of their questions. It connects to each host as soon as you enter it. Keep the command or the file to run the same benchmark again. Press Ctrl-C to leave at any time.",
    examples: ["", "--network-type remote --hosts hosts.env", "--transport websocket --duration 60"],
  },
  calibrate: {
    group: "Run",
    summary: "Measures the noise of these machines: how far two identical sides differ.",
    details:
      "It runs one sweep and assigns its runs to side A and side B in turn. Pass the calibration.json that it writes to compare, which then ignores smaller differences.",
    examples: [
      "--loads 100,500 --duration 60 --cleanup",
      "--runs 10 --network-type remote --hosts hosts.env",
    ],
  },
  ...resultCommands,
  lighthouse: {
    group: "Browsers",
    summary: "Serves the meeting place of browser peers, until Ctrl-C.",
    details:
      "It tells peers who is near them, and passes their offers and answers on until they are connected. It authenticates nobody, like a lighthouse with NO_AUTH=true. It serves this machine alone, unless --listen says otherwise.",
    examples: ["", "--port 9001", "--listen 0.0.0.0"],
  },
  "client-page": {
    group: "Browsers",
    summary: "Serves the page that runs one peer of a test in a browser, until Ctrl-C.",
    details:
      "The page has parameters in its address, such as ?testId=ID. The first time, the peer library is installed with npm, without install scripts. --peer-library takes @dcl/catalyst-peer@VERSION, a folder with another build of it, or a module that exports peerLibrary.",
    examples: ["", "--peer-library @dcl/catalyst-peer@1.0.4", "--routine-file ./my-routine.mjs"],
  },
  hosts: {
    group: "Hosts",
    summary: "Checks, prepares and cleans the hosts of remote networks.",
    details:
      "check reports whether nodes can run there and changes nothing; with --committee, also whether the hosts are enough for so many. prepare installs and starts Docker if it is missing. clean lists what killed or kept runs left; --yes removes all of it, --run ID removes what one run left. The exit code is 1 if a host is not ready.",
    operands: [{ noun: "what to do", words: ["check", "prepare", "clean"] }],
    examples: [
      "check --hosts hosts.env",
      "check --hosts hosts.env --committee 7",
      "prepare --hosts hosts.yaml --host-key-policy accept-new",
      "clean --hosts hosts.env --yes --images",
    ],
  },
  testbed: {
    group: "Hosts",
    summary: "Creates hosts to try things on: containers with sshd and sudo on this machine's Docker engine.",
    details:
      "up creates them and writes a hosts file for --hosts; ls lists them; down removes them. up replaces earlier test hosts of the same --name. Hosts that a run uses are neither replaced nor removed.",
    operands: [{ noun: "what to do", words: ["up", "ls", "down"] }],
    examples: ["up --count 4 --no-docker --hosts-file testbed.env", "up --name second", "ls", "down"],
  },
  doctor: {
    group: "This machine",
    summary: "Checks whether a benchmark can run here and whether you could trust its numbers.",
    details:
      "With --hosts (or MYSTICETI_NODE0_HOST and so on) it checks each host too. It reports problems with the commands that fix them, and changes nothing. The exit code is 1 if a problem would prevent a run; warnings do not change it.",
    examples: ["", "--protocol cometbft --committee 7", "--runtime docker --json", "--hosts hosts.env"],
  },
  status: {
    group: "This machine",
    summary: "Shows the progress of a running benchmark and all nodes, here or on hosts.",
    details:
      "It reads the progress from the bundle in --output-dir. With --hosts it also lists the nodes on these hosts.",
    examples: ["", "--hosts hosts.env", "--json"],
  },
  logs: {
    group: "This machine",
    summary: "Prints the log of a node, running or kept in a bundle.",
    details:
      "It searches this machine, and with --hosts these hosts. On a terminal, colours are removed and control characters are shown as text.",
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
      "--yes removes everything listed; --run ID removes what that run left. It touches only what carries a label of Baleen, and the temporary folders, lock files and processes of dead commands.",
    examples: ["", "--run 3f9c12ab", "--yes --images"],
  },
  init: {
    group: "Set up",
    summary: "Writes a commented file of options (./bench.yaml), or a committee for docker compose.",
    details:
      "Beside the file of options it writes the schema that editors use for completion. With compose FOLDER, it builds the image, makes keys, and writes a folder that docker compose up starts without Baleen. It overwrites files only with --yes.",
    operands: [
      { noun: "the file", placeholder: "FILE|compose", optional: true },
      { noun: "the folder", placeholder: "FOLDER", optional: true },
    ],
    examples: [
      "",
      "benchmarks/nightly.yaml",
      "--yes",
      "compose my-network",
      "compose my-network --committee 7 --rpc-base-port 30000",
    ],
  },
  validate: {
    group: "Set up",
    summary: "Reports every error in a file of options, hosts or the like, with its line.",
    details:
      "FILE can contain options (--config), hosts, phases, a trace, the description of a system, links, or a timeline. Files that it names are checked too. Nothing is started, and no host is contacted. For a valid file, it prints what would run and how long that takes.",
    operands: [{ noun: "the file", placeholder: "FILE" }],
    examples: ["bench.yaml", "hosts.yaml --json"],
  },
  completion: {
    group: "Set up",
    summary: "Prints a completion script for bash, zsh or fish.",
    details:
      "It completes commands, options, values, files, bundles and protocols, for baleen and its other programs. Save it to a file that your shell reads at startup, and again after each update of Baleen.",
    operands: [{ noun: "the shell", words: ["bash", "zsh", "fish"] }],
    examples: [
      "bash > ~/.baleen.bash && echo '. ~/.baleen.bash' >> ~/.bashrc",
      "zsh > ~/.baleen.zsh && echo '. ~/.baleen.zsh' >> ~/.zshrc",
      "fish > ~/.config/fish/conf.d/baleen.fish",
    ],
  },
  protocols: {
    group: "Set up",
    summary: "Lists the systems that Baleen can measure, and what it can observe of each.",
    details: "With a name or the path of a description, it also lists the options of that system.",
    operands: [{ noun: "the protocol", placeholder: "NAME|FILE", optional: true }],
    examples: ["", "cometbft", "examples/etcd/etcd.yaml --json"],
  },
  links: {
    group: "Set up",
    summary: "Shows emulated links (named maps, or your own file), or measures those between hosts.",
    details:
      "It prints the one-way delay of each pair of nodes, and loss, rate and the like below. More than 12 nodes are shown as regions. Without a name, it lists the maps. With --probe, it measures the round trips between your hosts, from a container on each that it removes again; --json then contains a links file for --links.",
    operands: [{ noun: "the links", placeholder: "MAP|FILE", optional: true }],
    examples: ["", "aws-5", "aws-10 --committee 25", "lte --json", "--probe --hosts hosts.env"],
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
