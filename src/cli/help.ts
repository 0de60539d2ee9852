import { type CommandName, commandNames, type Operand, operandsOf } from "./commands.ts";
import type { Option } from "./option.ts";
import { optionsOf } from "./options.ts";

const width = 80;
const column = 30;

const summaries: Readonly<Record<CommandName, string>> = {
  benchmark: "Deploys a committee, drives open-loop loads at it, and measures each one.",
  "local-network": "Deploys a committee on this machine and sends transactions through it once.",
  compare:
    "Compares two sweeps load by load: two bundles, or two files of runs. A verdict (faster, slower, no difference seen) takes five runs of a load a side: benchmark --runs 5. What is measured may differ; where the measurement itself does, nothing is compared.",
  calibrate:
    "Measures how far two identical sides differ on these machines: one sweep, its runs taken in turns for side A and side B. What differs by less is noise; give compare the calibration.json that it writes.",
  init: "Writes a file of options (./bench.yaml) with a comment on each part, ready to run, and what editors need to complete it. Nothing is written over without --yes.",
  validate:
    "Says what is wrong with a file, each fault with its line: a file of options (--config), of hosts, or of phases, a trace, or the description of a system. Files that it names are read too. Nothing is started, and no host is asked. A file that is right is told in a few lines: what would be run, and how long that takes.",
  verify:
    "Computes every number of a bundle again that follows from others in it (from histograms, seconds, ledgers and runs), checks forms and hashes, and names the first that differs; then the exit code is 3. It finds mistakes and edits. It does not prove who wrote a bundle.",
  report:
    "Shows what a sweep left in its bundle, holds it to assertions, and writes it in the formats of pipelines. Assertions are those of the sweep, unless others are given.",
  "remote-network":
    "Deploys a committee on hosts over SSH and sends transactions through it once. Hosts need sshd and sudo; Docker is installed where it is missing.",
  hosts:
    "Looks after the hosts of remote networks. check looks whether nodes can run there and changes nothing; prepare installs and starts Docker where it is missing; clean lists what killed or kept runs left, and removes it with --yes, or one run's with --run ID. A host that is not ready makes the exit code 1.",
  testbed:
    "Makes hosts for a trial: containers with sshd and sudo on this machine's Docker engine. up makes them and writes a file for --hosts; down removes them.",
  protocols:
    "Lists the systems that can be measured, and what of each can be observed; of one, by its name or the path of its description, its options too.",
  clean:
    "Lists what killed or kept runs left on this machine. --yes removes everything that is listed; --run ID removes what that run left. Only what carries a label of ours is ever touched.",
};

const examples: Readonly<Record<CommandName, readonly string[]>> = {
  benchmark: [
    "--network-type local",
    "--loads 100,500,1000 --duration 60 --cleanup",
    "--runtime process --committee 7 --json > results.json",
    "--network-type remote --hosts hosts.env --loads 50,100",
    "--config sweep.yaml --duration 30",
  ],
  "local-network": [
    "--cleanup",
    "--num-transactions 2000 --transaction-rate 200 --cleanup",
    "--runtime process --output-dir ./benchmarks",
  ],
  compare: [
    "benchmarks/A benchmarks/B",
    "A B --min-effect 5 --calibration calibration.json",
    "A B --json",
    "A B --output-dir ./benchmarks",
  ],
  calibrate: ["--loads 100,500 --duration 60 --cleanup", "--runs 10 --network-type remote --hosts hosts.env"],
  init: ["", "benchmarks/nightly.yaml", "--yes"],
  validate: ["bench.yaml", "hosts.yaml --json"],
  verify: ["benchmarks/20240115T103000Z-local-3f9c12ab", "BUNDLE --json"],
  report: [
    "benchmarks/A",
    "benchmarks/B --assert 'commit.p99<500ms' --junit report.xml",
    "benchmarks/B --baseline benchmarks/A --assert 'throughput>-5%'",
  ],
  "remote-network": [
    "--hosts hosts.env --cleanup",
    "--hosts hosts.yaml --transaction-rate 500 --rpc-via ssh",
  ],
  hosts: [
    "check --hosts hosts.env",
    "prepare --hosts hosts.yaml --host-key-policy accept-new",
    "clean --hosts hosts.env --yes --images",
  ],
  testbed: ["up --count 4 --no-docker --hosts-file testbed.env", "down"],
  protocols: ["", "cometbft", "examples/etcd/etcd.yaml --json"],
  clean: ["", "--run 3f9c12ab", "--yes --images"],
};

const exitCodes = [
  "Exit codes:",
  "  0    good",
  "  1    the run failed",
  "  2    usage or configuration; nothing was started",
  "  3    finished, but a verdict or a threshold failed",
  "  130  interrupted",
];

const sources = [
  "Any option of a run can also stand in the environment (BALEEN_NUM_TRANSACTIONS)",
  "or in the file of --config, under its name. A flag counts before the",
  "environment, the environment before the file. Of a flag given twice the last one",
  "counts. Switches take true or false, and --no-NAME is --NAME false.",
];

/** A space at which no line is broken. */
const noBreak = "\u00a0";

/** Breaks a text into lines of at most `most` columns, at spaces. */
export function wrap(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines.map((line) => line.replaceAll(noBreak, " "));
}

function formatOption(option: Option): string[] {
  const placeholder = option.placeholder === "" ? "" : ` ${option.placeholder}`;
  // What is on by default is turned off by its negation.
  const negatable = option.rule.kind === "switch" && option.default === "true" ? "[no-]" : "";
  const left = `  --${negatable}${option.name}${placeholder}`;
  const fallback = option.default === undefined ? "" : `(default: ${option.default})`;
  // A short default is not broken over two lines.
  const joined = fallback.length > width - column ? fallback : fallback.replaceAll(" ", noBreak);
  const right = wrap(`${option.description} ${joined}`.trimEnd(), width - column);
  const indented = right.map((line) => `${" ".repeat(column)}${line}`);
  if (left.length + 2 > column) return [left, ...indented];
  return [`${left.padEnd(column)}${right[0] ?? ""}`, ...indented.slice(1)];
}

function formatOperand({ words, placeholder, optional }: Operand): string {
  const word = words?.join("|") ?? placeholder ?? "WORD";
  return optional ? `[${word}]` : word;
}

/** Help for one command, at most 80 columns wide. `program`: how it was called, "benchmark" or "baleen benchmark". */
export function formatHelp(command: CommandName, program: string): string {
  const table = optionsOf(command);
  const groups = [...new Set(table.map((option) => option.group))].map((title) => [
    `${title}:`,
    ...table.filter((option) => option.group === title).flatMap(formatOption),
  ]);
  const blocks = [
    [`Usage: ${[program, ...operandsOf(command).map(formatOperand)].join(" ")} [options]`],
    wrap(summaries[command], width),
    ...groups,
    ["Examples:", ...examples[command].map((rest) => `  ${program} ${rest}`.trimEnd())],
    sources,
    exitCodes,
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** Help for `baleen` itself. */
export function formatUmbrellaHelp(): string {
  const commands = commandNames.flatMap((name) => {
    const lines = wrap(summaries[name], width - 18);
    return lines.map((line, index) => `  ${(index === 0 ? name : "").padEnd(16)}${line}`);
  });
  const blocks = [
    ["Usage: baleen COMMAND [options]"],
    ["Commands:", ...commands],
    ["baleen COMMAND --help shows a command's options; baleen --version the version."],
    exitCodes,
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}
