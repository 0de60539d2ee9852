/** What a validator's process is told by flags and environment, and the help that names it all. */
import { describeAllowedValue, isAllowedValue } from "../../core/allowed-value.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { suggestion } from "../../core/text/nearest.ts";
import { type TuningField, tuningDefault, tuningFields, tuningFromText } from "../wire/tuning.ts";
import type { GivenTuning } from "./home.ts";

export type Settings = ReturnType<typeof readSettings>;

interface Flag {
  readonly name: string;
  /** undefined for a switch, which has no value and stands on the command line alone. */
  readonly placeholder?: string;
  readonly meaning: string;
  readonly field?: TuningField;
}

const flags: readonly Flag[] = [
  { name: "home", placeholder: "DIR", meaning: "folder with genesis.json, validator-key.json, config.json" },
  ...tuningFields.map((field): Flag => {
    const { flag: name, placeholder, allowed } = field;
    const words = allowed.kind === "choice" ? ` (${allowed.choices.join(", ")})` : "";
    const meaning = `${field.meaning}${words} (default: ${tuningDefault(field)})`;
    return { name, placeholder, meaning, field };
  }),
  { name: "exit-with-parent", meaning: "stop when standard input closes" },
  { name: "help", meaning: "show this help; -h too" },
  { name: "version", meaning: "show the version" },
];

const variablePrefix = "BALEEN_VALIDATOR_";

/** `min-round-delay` → BALEEN_VALIDATOR_MIN_ROUND_DELAY. */
function variableName(name: string): string {
  return `${variablePrefix}${name.toUpperCase().replaceAll("-", "_")}`;
}

interface GivenText {
  /** As its giver called it. */
  readonly name: string;
  readonly text: string;
}

/** Takes what is wrong, a sentence each. */
type Report = (message: string) => void;

/** Reads flags and environment, flags first. Of a flag given twice the last one counts. */
export function readSettings(argv: readonly string[], env: Readonly<Record<string, string | undefined>>) {
  const diagnostics: Diagnostic[] = [];
  const report: Report = (message) => diagnostics.push({ code: "validator-settings", message });
  const variables = readVariables(env, report);
  const { values, switches } = readFlags(argv, report);
  const given = new Map([...variables, ...values]);
  return {
    /** Folder of the validator's files. */
    home: given.get("home")?.text,
    tuning: readTuning(given, report),
    exitWithParent: switches.has("exit-with-parent"),
    help: switches.has("help"),
    version: switches.has("version"),
    diagnostics,
  };
}

/** An empty variable counts as not set. */
function readVariables(env: Readonly<Record<string, string | undefined>>, report: Report) {
  const given = new Map<string, GivenText>();
  const byVariable = new Map(
    flags
      .filter(({ placeholder }) => placeholder !== undefined)
      .map((flag) => [variableName(flag.name), flag.name]),
  );
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(variablePrefix) || text === undefined || text === "") continue;
    const flag = byVariable.get(name);
    if (flag !== undefined) given.set(flag, { name, text });
    else {
      const remedy = suggestion(name, [...byVariable.keys()]) || " Unset it; see --help.";
      report(`${name}: no such environment variable.${remedy}`);
    }
  }
  return given;
}

function readFlags(argv: readonly string[], report: Report) {
  const values = new Map<string, GivenText>();
  const switches = new Set<string>();
  const rest = argv.map((argument) => (argument === "-h" ? "--help" : argument));
  const takeValue = () => (rest[0]?.startsWith("--") === false ? rest.shift() : undefined);
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const [, name = "", inline] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    const flag = flags.find((each) => each.name === name);
    if (name === "") {
      report(`"${argument}": an argument without a flag. Put --NAME before it; see --help.`);
    } else if (flag === undefined) {
      // What follows is most likely its value, and no fault of its own.
      if (inline === undefined) takeValue();
      const known = flags.map((each) => `--${each.name}`);
      report(`--${name}: no such flag.${suggestion(`--${name}`, known) || " See --help."}`);
    } else if (flag.placeholder === undefined) {
      if (inline === undefined) switches.add(name);
      else report(`--${name}: takes no value. Remove the value.`);
    } else {
      const text = inline ?? takeValue() ?? "";
      if (text !== "") values.set(name, { name: `--${name}`, text });
      else report(`--${name}: its value is missing. Give --${name} ${flag.placeholder}.`);
    }
  }
  return { values, switches };
}

function readTuning(given: ReadonlyMap<string, GivenText>, report: Report): GivenTuning[] {
  return flags.flatMap(({ name: flag, field }) => {
    const source = given.get(flag);
    if (field === undefined || source === undefined) return [];
    const value = tuningFromText(source.text, field.allowed);
    if (isAllowedValue(value, field.allowed)) return [{ field, name: source.name, value }];
    const shown = JSON.stringify(source.text.slice(0, 60));
    report(`${source.name}: ${shown} is not allowed. Give ${describeAllowedValue(field.allowed)}.`);
    return [];
  });
}

export function formatHelp(): string {
  const rows = flags.map(({ name, placeholder = "", meaning }) => {
    return `  ${`--${name} ${placeholder}`.padEnd(32)}${meaning}`;
  });
  return `Usage: main.js --home DIR [flags]

One Mysticeti-C validator. It listens at the addresses of config.json and at no others.

${rows.join("\n")}

A flag counts before the environment (${variableName("min-round-delay")} for
--min-round-delay), the environment before config.json, and that before the default.

Exit codes: 0 stopped on request, 1 failed, 2 invalid flags, environment or files.
`;
}
