/** Options of the protocol: those of `--protocol-option`, and the flags that mysticeti's have of their own. */

import type { SweepParameters } from "../../contracts/parameters.ts";
import type { ProtocolOption } from "../../contracts/protocol.ts";
import type { ProtocolLimits } from "../../contracts/protocol-choice.ts";
import { optionsOnHosts, readProtocolOptions as withDefaults } from "../../contracts/protocol-options.ts";
import { suggestion } from "../../core/text/nearest.ts";
import { type GivenOption, optionName, ruleOfOption } from "../rules/protocol-option.ts";
import { type Given, nearer, type Rule } from "../rules/rule.ts";
import { type ParameterName, rules } from "../rules/rules.ts";
import type { ParameterReader } from "./given.ts";

type Values = SweepParameters["protocolOptions"];

/** The protocol whose options have flags of their own. */
const flagged = "mysticeti";

/** Flag → the option of mysticeti that it is. */
export const optionOfFlag = {
  minRoundDelay: "minRoundDelayMs",
  leaderTimeout: "leaderTimeoutMs",
  leadersPerRound: "leadersPerRound",
  blockSize: "blockSizeBytes",
  mempoolSize: "mempoolSizeTransactions",
  logSync: "logSync",
} as const satisfies Partial<Record<ParameterName, string>>;

const flags = Object.keys(optionOfFlag) as (keyof typeof optionOfFlag)[];

interface OptionContext {
  readonly protocol: ProtocolLimits;
  readonly committee: number;
  /** Where the nodes are whose defaults count. */
  readonly defaultsOf: SweepParameters["networkType"];
}

/** An option as it counts. `rule`: of a flag, whose values are told in its own words. */
interface Counted {
  readonly given: Given;
  readonly rule?: Rule<number | string> | undefined;
}

/** All options of the protocol by its own names; those that nobody gives have their defaults. */
export function readProtocolOptions(terms: OptionContext, reader: ParameterReader): Values {
  const { protocol, defaultsOf } = terms;
  const items = reader.take("protocolOption", []);
  // Of a system that is not known here they are what they were given as.
  if (protocol.options === undefined) {
    return Object.fromEntries(items.map(({ option, given }) => [option, given.value as number | string]));
  }
  const table = defaultsOf === "remote" ? optionsOnHosts(protocol.options) : protocol.options;
  const counted = count(items, readFlags(protocol, reader), reader);
  refuseUnknown(counted, { protocol, table }, reader);
  const found: Record<string, number | string> = {};
  for (const option of table) {
    const { given: one, rule = ruleOfOption(option) } = counted.get(optionName(option.name)) ?? {};
    const value = reader.read(rule, one, undefined);
    if (value !== undefined) found[option.name] = value;
  }
  const { values } = withDefaults(protocol.name, table, found);
  return withinCommittee({ ...values, ...found }, { counted, terms }, reader);
}

/** Those that mysticeti's flags give. For another protocol a flag is a diagnostic, and a variable meant for something else. */
function readFlags(
  { name }: ProtocolLimits,
  { given, refuse }: ParameterReader,
): ReadonlyMap<string, Counted> {
  const counted = new Map<string, Counted>();
  for (const flag of flags) {
    const one = given[flag];
    if (one === undefined) continue;
    if (name === flagged) counted.set(optionOfFlag[flag], { given: one, rule: rules[flag] });
    else if (one.rank !== 1) {
      const why = `an option of ${flagged}, but the protocol is ${name}. Remove it; baleen protocols ${name} lists the options for --protocol-option NAME=VALUE.`;
      refuse(one, why);
    }
  }
  return counted;
}

/** What counts for each option: the nearest, of equally near ones the last. */
function count(
  items: readonly GivenOption[],
  ofFlags: ReadonlyMap<string, Counted>,
  { diagnostics }: ParameterReader,
): ReadonlyMap<string, Counted> {
  const counted = new Map<string, Counted>();
  for (const { option, given } of items) {
    if (nearer(given, counted.get(option)?.given) === given) counted.set(option, { given });
  }
  for (const [option, flag] of ofFlags) {
    const other = counted.get(option);
    if (other?.given.rank === flag.given.rank) {
      const message = `${flag.given.name} and ${other.given.name} are the same option. Use one of them.`;
      diagnostics.push({ code: "contradiction", message });
    }
    if (nearer(flag.given, other?.given) === flag.given) counted.set(option, flag);
  }
  return counted;
}

function refuseUnknown(
  counted: ReadonlyMap<string, Counted>,
  { protocol, table }: { readonly protocol: ProtocolLimits; readonly table: readonly ProtocolOption[] },
  { refuse }: ParameterReader,
): void {
  const known = table.map(({ name }) => name);
  const names = new Set(known.map(optionName));
  for (const [option, { given }] of counted) {
    if (names.has(option)) continue;
    const remedy = suggestion(option, known) || ` It has ${known.length === 0 ? "none" : known.join(", ")}.`;
    refuse(given, `${protocol.name} has no such option.${remedy}`, "unknown-protocol-option");
  }
}

/** Of mysticeti: there are no more leaders in a round than nodes. */
function withinCommittee(
  values: Values,
  { counted, terms }: { readonly counted: ReadonlyMap<string, Counted>; readonly terms: OptionContext },
  { refuse }: ParameterReader,
): Values {
  const { protocol, committee } = terms;
  const { leadersPerRound: leaders } = values;
  if (protocol.name !== flagged || typeof leaders !== "number" || leaders <= committee) return values;
  const given = counted.get("leadersPerRound")?.given;
  if (given === undefined) return { ...values, leadersPerRound: committee };
  const why = `${leaders} leaders are more than the ${committee} nodes of the committee. Use at most ${committee}.`;
  refuse(given, why, "invalid-value");
  return values;
}
