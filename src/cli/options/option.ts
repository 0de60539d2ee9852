import type { Rule } from "../../options/rules/rule.ts";
import { rules } from "../../options/rules/rules.ts";
import { ownRules } from "./command-options.ts";
import { type CommandName, commandNames } from "./command-table.ts";

/** One option: the single source for parsing, help, environment and configuration files. */
export interface Option {
  /** Kebab case: `--name` as a flag, BALEEN_NAME in the environment, name or its camel case in a file. */
  readonly name: string;
  readonly rule: Rule<unknown>;
  readonly group: string;
  /** Stands for the value in the help; "" for a switch. */
  readonly placeholder: string;
  readonly description: string;
  /** As shown in the help. */
  readonly default?: string | undefined;
  /** May be given several times, and all count; else the last one does. */
  readonly repeatable: boolean;
  /** It counts as a flag alone, neither in the environment nor in a file. */
  readonly flagOnly: boolean;
  /** What it is called in a file, where that reads better: a table of several. */
  readonly nameInFiles?: string | undefined;
  readonly commands: readonly CommandName[];
}

/** As texts for people have it: `--[no-]live` of a switch that is on by default, since its negation turns it off. */
export function flagOf({ name, rule, default: fallback }: Option): string {
  return `--${rule.kind === "switch" && fallback === "true" ? "[no-]" : ""}${name}`;
}

/** `--network-type` in the environment: BALEEN_NETWORK_TYPE. */
export function environmentName(option: Option): string {
  return `BALEEN_${option.name.toUpperCase().replaceAll("-", "_")}`;
}

/** Variables that existing set-ups of browser tests use, for these commands. */
const customaryNames: readonly (readonly [command: CommandName, names: Readonly<Record<string, string>>])[] =
  [
    ["serve", { "test-results-location": "TEST_RESULTS_LOCATION", "stats-server-url": "STATS_SERVER_URL" }],
    [
      "browsers",
      {
        peers: "PEERS_COUNT",
        duration: "TEST_DURATION",
        "test-id": "TEST_ID",
        "results-server-url": "RESULTS_SERVER_URL",
        "lighthouse-url": "LIGHTHOUSE_URL",
        "client-url": "CLIENT_URL",
        "stats-server-url": "STATS_SERVER_URL",
      },
    ],
    // Where all runs on one machine, this is what browsers are counted by.
    ["browsers", { peers: "BROWSER_COUNT" }],
  ];

/** Variables that an option of a command is read from, the first that is set. */
export function environmentNames(option: Option, command: CommandName): readonly string[] {
  const customary = customaryNames.flatMap(([of, names]) =>
    of === command ? (names[option.name] ?? []) : [],
  );
  return [...(option.flagOnly ? [] : [environmentName(option)]), ...customary];
}

/** The name by which a value is known in code and may stand in a file: networkType. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Nothing is removed because of a forgotten variable. */
const flagOnly: ReadonlySet<string> = new Set([
  "help",
  "version",
  "yes",
  "run",
  "resume",
  "bundle",
  "follow",
  "tail",
  "peers",
  "preset",
  "probe",
  "svg",
  "at",
  "image-file",
  "keep",
  "before",
]);

/** What runs are called. For other commands they say what is listed or removed, as flags alone. */
const labels: ReadonlySet<string> = new Set(["name", "tag"]);

const allRules: Readonly<Record<string, Rule<unknown>>> = { ...rules, ...ownRules };

export const shortFlags: ReadonlyMap<string, string> = new Map([
  ["-h", "--help"],
  ["-f", "--follow"],
]);

const repeatableNames: ReadonlySet<string> = new Set([
  "assert",
  "client-origin",
  "protocol-option",
  "tag",
  "vary",
]);

/** Options of which what all sources give counts together, and only for each item the nearest. */
export const joined: ReadonlySet<string> = new Set(["protocol-option", "tag"]);

const namesInFiles: Readonly<Record<string, string>> = {
  "protocol-option": "protocol-options",
  tag: "tags",
};

/** Those that run several loads. `mesh` and `browsers` are `benchmark` for peers. */
const sweeps = ["benchmark", "mesh", "browsers"] as const;
const runs = [...sweeps, "local-network", "remote-network"] as const;
/** Those whose clients send transactions. */
const sent = ["benchmark", "local-network", "remote-network"] as const;
const here = [...sweeps, "local-network"] as const;
/** Those that look at a network, or write it down, without a run. */
const looking = ["doctor", "init"] as const;

/** Commands that have options in common. */
const commandSets = {
  sweeps,
  runs,
  sent,
  sending: [...sent, "doctor"],
  /** Those that call their nodes a committee. */
  committees: [...sent, ...looking],
  here,
  away: [...sweeps, "remote-network"],
  once: ["local-network", "remote-network"],
  held: [...sweeps, "report"],
  /** Those that show results to people. */
  viewed: ["report", "compare"],
  /** What a network is made of, for those who look whether it can be. */
  planned: [...runs, ...looking],
  /** The same of its load. */
  driven: [...runs, "doctor"],
  plannedHere: [...here, "doctor"],
  published: [...here, ...looking],
  written: [...sweeps, "doctor"],
  ssh: [...sweeps, "remote-network", "hosts", "doctor", "logs", "status", "links"],
  /** Those whose nodes are peers. */
  peers: ["mesh", "browsers"],
  /** Servers of a test in browsers. */
  testServers: ["lighthouse", "client-page"],
  /** Those that make the client page. */
  pages: ["client-page", "browsers"],
  cleaning: ["clean", "hosts"],
  /** Those that look for bundles in a folder of them. */
  reading: ["ls", "show", "map", "report", "verify", "history", "export", "logs", "status"],
  all: commandNames,
  /** Those that a file of options may speak to: not those that write or look at one. */
  configured: commandNames.filter((name) => !["wizard", "init", "validate"].includes(name)),
} as const satisfies Readonly<Record<string, readonly CommandName[]>>;

type CommandSet = keyof typeof commandSets;

function commandsOf(named: CommandSet | CommandName): readonly CommandName[] {
  return named in commandSets ? commandSets[named as CommandSet] : [named as CommandName];
}

type Row = readonly [
  commands: CommandSet | CommandName,
  /** "loads TPS,...": the name, and what stands for its value; a switch has none. */
  usage: string,
  description: string,
  default_?: string | number | boolean,
];

export function group(title: string, rows: readonly Row[]): Option[] {
  return rows.map(([named, usage, description, fallback]) => {
    const [name = "", placeholder = ""] = usage.split(" ");
    const commands = commandsOf(named);
    const ofFlags = flagOnly.has(name) || (labels.has(name) && !commands.includes("benchmark"));
    const rule = allRules[camelCase(name)];
    if (rule === undefined) throw new TypeError(`no rule for the option ${name}`);
    const shown = fallback === undefined ? undefined : String(fallback);
    const repeatable = repeatableNames.has(name);
    const texts = { placeholder, description, default: shown, nameInFiles: namesInFiles[name] };
    return { name, rule, group: title, ...texts, repeatable, flagOnly: ofFlags, commands };
  });
}
