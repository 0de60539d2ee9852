/** A sweep for each value of an option, or for each pair of values of two: what is given of each. */
import { mostPoints, mostVaried, type VariedOption } from "../../contracts/results/variation.ts";
import { camelCase } from "../../core/keys.ts";
import { suggestion } from "../../core/text/nearest.ts";
import { defaultParameters } from "../defaults.ts";
import { kebabCase } from "../file/sections.ts";
import { optionName, protocolOptionRule } from "../rules/protocol-option.ts";
import type { Given } from "../rules/rule.ts";
import type { ParameterName } from "../rules/rules.ts";
import type { GivenVariation } from "../rules/vary.ts";
import type { GivenParameters, ParameterReader } from "./given.ts";
import { optionOfFlag } from "./protocol-options.ts";

/** One sweep of several: a value of each option. */
export interface PlannedPoint {
  /** In the order of the options. */
  readonly values: readonly (number | string)[];
  /** "committee=4,transaction-size=128": names it for people, and its folder. */
  readonly name: string;
  readonly given: GivenParameters;
  /** What its values are called where they are wrong: "--vary committee=0". */
  readonly valueNames: readonly string[];
}

export interface PlannedVariation {
  readonly options: readonly VariedOption[];
  readonly points: readonly PlannedPoint[];
}

/** Options that change what is measured; all others say how, for how long it is kept, or what it is held to. */
const variable = [
  ...(["committee", "runtime", "protocol", "nodeBinary", "image", "nodeCpus", "nodeMemory"] as const),
  ...(["transactionSize", "arrival", "clients", "pacing", "profile", "phases", "seed", "duration"] as const),
  ...(["numTransactions", "warmUp", "drain", "requestTimeout", "maxInFlight", "queueLimit"] as const),
  ...([
    "transport",
    "inFlightPerConnection",
    "batchSize",
    "clientPlacement",
    "rpcVia",
    "keepNetwork",
  ] as const),
  ...(["searchEfficiency", "searchLatency", "searchBacklog"] as const),
  ...(["faults", "crashRecovery", "crashInterval", "failover", "timeline"] as const),
  ...(["links", "delay", "jitter", "loss", "rate", "topology", "linkMechanism"] as const),
  ...(["minRoundDelay", "leaderTimeout", "leadersPerRound", "blockSize", "mempoolSize", "logSync"] as const),
] as const satisfies readonly ParameterName[];

const isVariable = (name: string): name is (typeof variable)[number] =>
  (variable as readonly string[]).includes(name);

/** Why others are none, where something else does it. */
const instead: Readonly<Record<string, string>> = {
  loads: "--loads takes several values itself: --loads 100,200",
  localLoads: "--loads takes several values itself: --loads 100,200",
  remoteLoads: "--loads takes several values itself: --loads 100,200",
  networkType: "use --network-type both",
  localCommittee: "use committee",
  remoteCommittee: "use committee",
};

/** Begins the names of options of the protocol. */
export const ofProtocol = "protocol.";

/**
 * What is given of each point; undefined where nothing is varied, or all of it wrongly.
 *
 * @param reader to which it tells what is wrong
 */
export function planVariation(reader: ParameterReader): PlannedVariation | undefined {
  const asked = reader.take("vary", []);
  const options = asked.map((one) => ({ ...one, option: nameOf(one.option) }));
  const before = reader.diagnostics.length;
  checkOptions(options, reader);
  const { vary: _, ...base } = reader.given;
  if (options.length === 0 || reader.diagnostics.length > before) return undefined;
  const points = options.reduce<readonly Point[]>(
    (found, one) => found.flatMap((point) => one.values.map((value) => extend(point, one, value))),
    [{ values: [], names: [], valueNames: [], given: base }],
  );
  if (points.length > mostPoints) {
    reader.refuse(
      "vary",
      `${points.length} points are too many. Use at most ${mostPoints}.`,
      "invalid-value",
    );
    return undefined;
  }
  return {
    options: options.map(({ option, values }) => ({ name: option, values })),
    points: points.map(({ names, ...point }) => ({ ...point, name: names.join(",") })),
  };
}

/** One spelling of each name: that of the flag, or of the protocol's own option. */
function nameOf(written: string): string {
  return written.startsWith(ofProtocol)
    ? `${ofProtocol}${optionName(written.slice(ofProtocol.length))}`
    : kebabCase(camelCase(written.replaceAll("-", "_")));
}

function checkOptions(options: readonly GivenVariation[], { given, refuse }: ParameterReader): void {
  if (options.length > mostVaried) {
    refuse(
      "vary",
      `${options.length} options are too many. Vary at most ${mostVaried} at once.`,
      "invalid-value",
    );
  }
  const twice = options.find(({ option }, at) => options.findIndex((one) => one.option === option) !== at);
  if (twice !== undefined)
    refuse(twice.given, "varied twice. Give all of its values at once.", "option-twice");
  for (const { option, given: place } of options) {
    const isKnown = option.startsWith(ofProtocol) ? option !== ofProtocol : isVariable(camelOf(option));
    if (!isKnown) {
      refuse(place, whyNot(camelOf(option)), "unknown-option");
      continue;
    }
    const other = rivalOf(option, given);
    if (other !== undefined && other.rank <= place.rank) {
      refuse(place, `${other.name} says already what this is. Remove one of them.`);
    }
  }
}

const camelOf = (option: string) => camelCase(option.replaceAll("-", "_"));

function whyNot(name: string): string {
  const other = instead[name];
  if (other !== undefined) return `it cannot be varied; ${other}.`;
  const near = suggestion(kebabCase(name), variable.map(kebabCase));
  return near === ""
    ? "it cannot be varied. See docs/load.md for the options that can."
    : `no such option.${near}`;
}

/** What else gives the same option. */
function rivalOf(option: string, given: GivenParameters): Given | undefined {
  if (!option.startsWith(ofProtocol)) {
    // A number of transactions takes the place of a duration.
    return (
      given[camelOf(option) as ParameterName] ?? (option === "duration" ? given.numTransactions : undefined)
    );
  }
  const name = protocolName(option, given);
  const flag = Object.entries(optionOfFlag).find(([, own]) => own === name)?.[0];
  const own = given[flag as ParameterName];
  if (own !== undefined || given.protocolOption === undefined) return own;
  const items = protocolOptionRule.read(given.protocolOption);
  return "value" in items ? items.value.find((one) => one.option === name)?.given : undefined;
}

/** The protocol's own name of an option: mysticeti's may be called by their flags, which have no units. */
function protocolName(option: string, { protocol }: GivenParameters): string {
  const name = option.slice(ofProtocol.length);
  const isMysticeti = protocol === undefined || protocol.value === defaultParameters.protocol.name;
  const known: Readonly<Record<string, string>> = optionOfFlag;
  return (isMysticeti && Object.hasOwn(known, name) ? known[name] : undefined) ?? name;
}

interface Point extends Omit<PlannedPoint, "name"> {
  readonly names: readonly string[];
}

function extend(point: Point, { option, given: place }: GivenVariation, value: number | string): Point {
  const name = `${option}=${value}`;
  // In a file its place has a line behind it.
  const valueName = /:\d+$/.test(place.name) ? `${place.name} (${value})` : `${place.name}=${value}`;
  const one = { name: valueName, rank: place.rank, hidden: place.hidden };
  const given = option.startsWith(ofProtocol)
    ? withProtocolOption(point.given, protocolName(option, point.given), { ...one, value })
    : { ...point.given, [camelOf(option)]: { ...one, value } };
  return {
    values: [...point.values, value],
    names: [...point.names, name],
    valueNames: [...point.valueNames, valueName],
    given,
  };
}

function withProtocolOption(given: GivenParameters, name: string, one: Given): GivenParameters {
  const { protocolOption: farther } = given;
  const keyNames = new Map([[name, one.name]]);
  const protocolOption = { ...one, value: { [name]: one.value }, keyNames, farther };
  return { ...given, protocolOption };
}
