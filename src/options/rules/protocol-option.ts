/** How options of a protocol are written, whatever the protocol; and what one of them may be. */
import type { ProtocolOption } from "../../contracts/protocol.ts";
import { namedValues } from "./named-values.ts";
import { number } from "./number.ts";
import { choice, type Given, type Rule, refusal, text, together } from "./rule.ts";

/** One option of a protocol as somebody gave it. */
export interface GivenOption {
  /** In camel case, as protocols name their options. */
  readonly option: string;
  readonly given: Given;
}

const expected = "NAME=VALUE, such as timeoutCommitMs=500";

/**
 * `NAME=VALUE`, several of them in a list or with ";" or line breaks between them, or a table of names and values. Those
 * of a source farther away come first. Which names there are, the protocol says.
 */
export const protocolOptionRule: Rule<readonly GivenOption[]> = {
  kind: "value",
  expected,
  read: (given) => {
    const farther = given.farther === undefined ? { value: [] } : protocolOptionRule.read(given.farther);
    const parts = namedValues(given.value, "option").map((part) =>
      "problem" in part ? refusal(given, part.problem, expected) : { value: [nameGiven(part, given)] },
    );
    const all = together<readonly GivenOption[]>([farther, ...parts]);
    return "value" in all ? { value: all.value.flat() } : all;
  },
};

/** The name of an option in camel case, however it is written: timeout-commit-ms, timeout_commit_ms. */
export function optionName(text: string): string {
  return text.trim().replace(/[-_]([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function nameGiven({ name, value }: { readonly name: string; readonly value: unknown }, given: Given) {
  const { rank, hidden, keyNames } = given;
  const place = keyNames?.get(name) ?? `${given.name} ${name}`;
  return {
    option: optionName(name),
    given: { name: place, value, rank, ...(hidden === undefined ? {} : { hidden }) },
  };
}

/** What values an option takes: digits of a command line stand for a number. */
export function ruleOfOption({ name, allowed }: ProtocolOption): Rule<number | string> {
  if (allowed.kind === "choice") return choice(...allowed.choices);
  if (allowed.kind === "text") return text("a text", 4096);
  const { least: atLeast, most: atMost, whole } = allowed;
  return number({ unit: unitOf(name), whole, atLeast, atMost });
}

const units: readonly (readonly [end: RegExp, unit: string])[] = [
  [/Ms$/, "milliseconds"],
  [/Secs$/, "seconds"],
  [/Bytes$/, "bytes"],
  [/Transactions$/, "transactions"],
];

/** As names of options end in their units: leaderTimeoutMs. */
function unitOf(name: string): string {
  return units.find(([end]) => end.test(optionName(name)))?.[1] ?? "";
}
