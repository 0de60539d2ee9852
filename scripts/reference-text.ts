/** docs/reference.md, made of the tables of commands and options. Pure. */

import { exitCodes, formatOperand } from "../src/cli/help/help.ts";
import {
  binaryNames,
  type CommandName,
  commandNames,
  describeCommand,
  operandsOf,
} from "../src/cli/options/command-table.ts";
import { environmentName, flagOf, type Option, shortFlags } from "../src/cli/options/option.ts";
import { options, optionsOf } from "../src/cli/options/option-table.ts";

/** Variables that are no option's. */
const variables: readonly (readonly [name: string, meaning: string])[] = [
  ["BALEEN_LOG", "`debug`: as `--verbose`"],
  [
    "MYSTICETI_NODE{n}_HOST, …",
    "where a node's host is, and how it is reached: hosts.example.env has all keys",
  ],
  ["CLIENT{n}_HOST, …", "the same of a host for clients alone"],
  ["SSH_TIMEOUT", "as `--ssh-timeout`"],
  ["MYSTICETI_KNOWN_HOSTS", "as `--known-hosts`"],
  ["SSH_AUTH_SOCK", "the agent whose keys are tried first"],
  [
    "DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, …",
    "the engine of this machine, as the docker command takes them",
  ],
  [
    "XDG_STATE_HOME",
    "folder of `baleen/`, what is kept from one command to the next; default `~/.local/state`",
  ],
  ["NO_COLOR, CI, TERM", "no colours; no line that is rewritten"],
];

/** Files that commands look for or write by themselves. */
const files: readonly (readonly [name: string, meaning: string])[] = [
  ["`./benchmarks/<UTC time>-<network>-<id>/`", "a bundle: what a sweep leaves (`--output-dir`)"],
  ["`./bench.yaml`", "options for `--config`; `baleen init` writes it, and `bench.schema.json` beside it"],
  ["`./docker-compose.yml`", "compose file of the network, if it labels nodes"],
  [
    "`./testbed.env`, `./testbed-NAME.env`",
    "hosts for `--hosts`; `baleen testbed up` writes it, the second with `--name NAME`",
  ],
  ["`./comparison.json`, `./comparison.txt`", "what `baleen compare --file-output` writes"],
  [
    "`~/.ssh/config`, `~/.ssh/known_hosts`, `~/.ssh/id_rsa`",
    "how hosts are reached, where nothing else is said",
  ],
  [
    "`~/.local/state/baleen/`",
    "the lock of this machine, homes and logs of nodes that run as processes, images for hosts, keys of test hosts",
  ],
];

/** Ends with a line break. */
export function formatReference(): string {
  const groups = [...new Set(options.map(({ group }) => group))];
  const sections = [
    "# Reference",
    "All commands and options. This page is made of the tables that the commands themselves read (`node scripts/reference.ts`); `--help` shows the same for one command.",
    "## Commands",
    `\`${binaryNames.join("`, `")}\` are programs of their own too: \`npx benchmark\` is \`npx baleen benchmark\`.`,
    ...commandNames.flatMap(formatCommand),
    "## Options",
    "A flag (`--duration 60` or `--duration=60`) counts before the environment, the environment before the file of `--config`, where an option stands under its name or its camel case. Of a flag given twice the last one counts, unless it may be given several times. Switches take `true` or `false`, and `--no-NAME` is `--NAME false`.",
    ...groups.flatMap(formatGroup),
    "## Environment",
    formatTable(
      ["variable", "means"],
      variables.map(([name, meaning]) => [`\`${name}\``, meaning]),
    ),
    "## Files",
    formatTable(["file", "holds"], files),
    "## Exit codes",
    formatTable(
      ["code", "means"],
      exitCodes.map(([code, meaning]) => [String(code), meaning]),
    ),
  ];
  return `${sections.join("\n\n")}\n`;
}

function formatCommand(name: CommandName): string[] {
  const { summary, details, examples } = describeCommand(name);
  const usage = ["baleen", name, ...operandsOf(name).map(formatOperand), "[options]"].join(" ");
  const groups = Map.groupBy(optionsOf(name), ({ group }) => group);
  const taken = [...groups].map(
    ([group, own]) => `- *${group}*: ${own.map((option) => `\`${flagOf(option)}\``).join(", ")}`,
  );
  return [
    `### baleen ${name}`,
    `\`${usage}\``,
    [summary, ...(details === undefined ? [] : [details])].map(escapeText).join(" "),
    ["```bash", ...examples.map((rest) => `npx baleen ${name} ${rest}`.trimEnd()), "```"].join("\n"),
    taken.join("\n"),
  ];
}

function formatGroup(group: string): string[] {
  const rows = options.filter((option) => option.group === group).map(formatOption);
  return [
    `### ${group}`,
    formatTable(["option", "means", "default", "takes", "environment", "commands"], rows),
  ];
}

function formatOption(option: Option): string[] {
  const { name, placeholder, description, rule, commands } = option;
  const short = [...shortFlags].find(([, long]) => long === `--${name}`)?.[0];
  const flag = `\`${flagOf(option)}${placeholder === "" ? "" : ` ${placeholder}`}\`${short === undefined ? "" : `, \`${short}\``}`;
  const everywhere = commands.length === commandNames.length;
  return [
    flag,
    description,
    option.default ?? "",
    rule.kind === "switch" ? "" : rule.expected,
    option.flagOnly ? "" : `\`${environmentName(option)}\``,
    everywhere ? "all" : takers(option).join(", "),
  ];
}

/** Every command that takes it, also those that take another one's options. */
function takers(option: Option): CommandName[] {
  return commandNames.filter((command) => optionsOf(command).includes(option));
}

function formatTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(" | ")} |`;
  return [line(heads), `|${"---|".repeat(heads.length)}`, ...rows.map(line)].join("\n");
}

/** In a table a bar ends a cell, also in code. */
const escapeCell = (text: string) => escapeText(text).replaceAll("|", "\\|");

/** What is no code may hold what Markdown would take for a tag or for emphasis. */
const escapeText = (text: string) =>
  text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[<*_]/g, "\\$&")))
    .join("");
