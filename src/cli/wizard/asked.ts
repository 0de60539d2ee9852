/** Which options the wizard asks for. Pure. */
import { nearer } from "../../options/rules/rule.ts";
import { camelCase, type Option } from "../options/option.ts";
import type { GatheredOptions } from "../options/sources.ts";
import type { Answers } from "./answers.ts";

/** Of answers that were checked; none is the usual one. */
function networkTypeOf(answers: Answers): "local" | "remote" | "both" {
  const [type] = answers.get("network-type") ?? [];
  return type === "remote" || type === "both" ? type : "local";
}

const isOn = (answers: Answers, name: string) => answers.get(name)?.[0] === "true";

/** Facts besides the answers, on which it depends what is worth asking. */
export interface Occasion {
  /** What flags and environment said. */
  readonly given: GatheredOptions["given"];
  /** The nodes make the load themselves. */
  readonly isNative: boolean;
}

/** Names of the options that everyone is asked for, in order, as far as the answers tell yet. */
export function basicOptions(answers: Answers, { given, isNative }: Occasion): readonly string[] {
  const type = networkTypeOf(answers);
  const sides = type === "both" ? (["local", "remote"] as const) : [type];
  const hasSearch = type !== "both" && !isNative;
  const searches = hasSearch && isOn(answers, "search");
  // Processes end with the command anyway.
  const staysNothing = type === "local" && answers.get("runtime")?.[0] === "process";
  return [
    "network-type",
    "protocol",
    ...(type === "remote" ? [] : ["runtime"]),
    ...new Set(sides.map((side) => nearerName(given, "committee", side))),
    ...(type === "local" ? [] : ["hosts"]),
    ...(hasSearch ? ["search"] : []),
    ...(searches
      ? ["search-from", "search-to", "search-latency"]
      : [nearerName(given, "loads", type === "local" ? type : "remote")]),
    "duration",
    ...(searches ? [] : ["runs"]),
    "transaction-size",
    ...(staysNothing || isOn(answers, "cleanup-thorough") ? [] : ["cleanup"]),
  ];
}

/** The name under which it was said nearest; loads have a default for each side, the committee has one for both. */
function nearerName(given: Occasion["given"], name: "committee" | "loads", side: "local" | "remote"): string {
  const own = `${side}-${name}`;
  const [general, special] = [given[name], given[camelCase(own)]];
  const chosen = nearer(general, special);
  if (chosen === undefined) return name === "loads" ? own : name;
  return chosen === general ? name : own;
}

const listsOfLoads = ["loads", "local-loads", "remote-loads"];

/** Options that say the same as one that was asked for: they count no more. */
export function rivalsOf(name: string): readonly string[] {
  return listsOfLoads.includes(name) ? listsOfLoads.filter((other) => other !== name) : [];
}

/** Means something on a network of that type alone. */
const isOf = (type: "local" | "remote", { name, commands }: Option) => {
  const own = (["local", "remote"] as const).filter((one) => commands.includes(`${one}-network`));
  return name.startsWith(`${type}-`) || (own.length === 1 && own[0] === type);
};

const isTermOfSearch = ({ name }: Option) => name.startsWith("search-");
/** A search chooses its loads, and runs each once. */
const isSearched = ({ name }: Option) => listsOfLoads.includes(name) || name === "runs";

/** Options that mean something, such as the network is: what the environment says of another one is for another one. */
export function meaningfulOptions(answers: Answers, table: readonly Option[]): readonly Option[] {
  const type = networkTypeOf(answers);
  const searches = isOn(answers, "search") && type !== "both";
  return table.filter((option) => {
    if (type !== "both" && isOf(type === "local" ? "remote" : "local", option)) return false;
    return searches ? !isSearched(option) : !isTermOfSearch(option);
  });
}

/** What may be set besides. */
export function advancedOptions(
  answers: Answers,
  table: readonly Option[],
  basic: readonly string[],
): readonly Option[] {
  return meaningfulOptions(answers, table).filter(
    ({ name, group }) => group !== "General" && !basic.includes(name),
  );
}
