import type { ProtocolOption } from "../../../contracts/protocol.ts";
import type { ProgramFacts, ProtocolFacts } from "../../../contracts/protocol-facts.ts";
import { present } from "../../../core/documents/numbers.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { ruleOfOption } from "../../../options/rules/protocol-option.ts";
import { formatCount } from "../../../options/rules/rule.ts";
import { entryLines } from "../text/figures.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

const commitWords: Readonly<Record<ProtocolFacts["commits"], string>> = {
  streamed: "streamed by the nodes",
  polled: "polled from the nodes",
  none: "no: latency is response latency",
};

const historyWords: Readonly<Record<ProtocolFacts["blockHistory"], string>> = {
  chained: "yes: one hash names all blocks before it",
  single: "yes: block by block",
  none: "no: safety is not checked",
};

function describeProgram({ name, builtIn, binary, image }: ProgramFacts): string {
  if (builtIn) return `${name} (built in)`;
  const ways = [binary && `binary ${binary}`, image && `image ${image}`];
  return formatForeign(ways.filter(Boolean).join(" or "));
}

const columns: readonly Column<ProtocolFacts>[] = [
  left("Protocol", ({ name }) => name),
  left("Transports", ({ transports }) => transports.join("\n")),
  left("Commits", ({ commits }) => (commits === "none" ? "no" : commits)),
  left("Block\nhistory", ({ blockHistory }) => (blockHistory === "none" ? "no" : blockHistory)),
  left("Node\nmetrics", ({ metrics }) => (metrics ? "yes" : "no")),
  right("Transaction\nbytes", (facts) => sizes(facts).replace(" to ", " to\n")),
  right("Faults\nof 4", ({ toleratedOfFour }) => String(toleratedOfFour)),
];

const sizes = ({ smallestTransactionBytes: smallest, largestTransactionBytes: largest }: ProtocolFacts) =>
  `${formatCount(smallest)} to ${formatCount(largest)}`;

/** One row for each. Ends without a line break. */
export function formatProtocols(protocols: readonly ProtocolFacts[]): string {
  return [
    formatTable(columns, protocols),
    "",
    ...protocols.flatMap(({ name, title, programs }) => [
      `${name}: ${title}`,
      `  Nodes: ${programs.map(describeProgram).join(", ")}`,
    ]),
    "",
    "Describe any other system in a YAML file: --protocol ./FILE.yaml.",
    "baleen protocols NAME shows its options.",
  ].join("\n");
}

/** All of one, with its options. Ends without a line break. */
export function formatProtocol(facts: ProtocolFacts): string {
  const lines = entryLines([
    ["Described in", facts.file && formatForeign(facts.file)],
    ["Nodes", facts.programs.map(describeProgram).join(", ")],
    ["Transports", facts.transports.join(", ")],
    ["Commits", commitWords[facts.commits]],
    ["Block history", historyWords[facts.blockHistory]],
    ["Node metrics", facts.metrics ? "yes" : "no"],
    ["Transaction size", `${sizes(facts)} bytes`],
    ["Faults tolerated", `${facts.toleratedOfFour} of 4 nodes`],
  ]);
  return [
    `${facts.name}: ${formatForeign(facts.title)}`,
    ...lines,
    "",
    ...(facts.options.length === 0
      ? ["It has no options."]
      : ["Options, for --protocol-option NAME=VALUE:", ...facts.options.flatMap(describeOption)]),
  ].join("\n");
}

function describeOption(option: ProtocolOption): string[] {
  const { name, meaning, default: usual, remoteDefault, tuned = {} } = option;
  const others = [
    ...(remoteDefault === undefined ? [] : [`on remote hosts ${remoteDefault}`]),
    ...Object.entries(tuned).map(([tuning, value]) => `with tuning=${tuning} ${value}`),
  ];
  return [
    `  ${[`${name}=${usual}`, ...others].join(", ")}`,
    `      ${formatForeign(meaning)}; ${ruleOfOption(option).expected}`,
  ];
}

/** The published form of what `baleen protocols` lists. */
export function buildProtocolsJson(protocols: readonly ProtocolFacts[]) {
  return { schema: "baleen.protocols/1", protocols: protocols.map(protocolJson) };
}

function protocolJson(facts: ProtocolFacts) {
  return present({
    name: facts.name,
    title: facts.title,
    file: facts.file,
    programs: facts.programs.map(({ name, builtIn, binary, image }) =>
      present({ name, built_in: builtIn, binary, image }),
    ),
    transports: facts.transports,
    commits: facts.commits,
    block_history: facts.blockHistory,
    metrics: facts.metrics,
    smallest_transaction_bytes: facts.smallestTransactionBytes,
    largest_transaction_bytes: facts.largestTransactionBytes,
    tolerated_faults_of_four: facts.toleratedOfFour,
    options: facts.options.map(optionJson),
  });
}

/** Names as --protocol-option takes them. */
function optionJson({ name, meaning, allowed, default: usual, remoteDefault, tuned }: ProtocolOption) {
  const values =
    allowed.kind === "number"
      ? { kind: "number", least: allowed.least, most: allowed.most, whole: allowed.whole }
      : allowed.kind === "choice"
        ? { kind: "choice", choices: allowed.choices }
        : { kind: "text" };
  return present({
    name,
    meaning,
    default: usual,
    remote_default: remoteDefault,
    tuned_defaults: tuned,
    allowed: values,
  });
}
