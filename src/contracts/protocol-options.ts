/** Options of a protocol: what users give held against the protocol's table of them. */

import { describeAllowedValue, isAllowedValue } from "../core/allowed-value.ts";
import { ConfigurationError, type Diagnostic } from "../core/errors.ts";
import { suggestion } from "../core/text/nearest.ts";
import type { ProtocolOption } from "./protocol.ts";

/** How the options of a protocol stand. */
export interface ReadOptions {
  /** All of the table, those that nobody gave with what holds for them. Of a wrong one its default. */
  readonly values: Readonly<Record<string, number | string>>;
  /** All that is wrong, one for each. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The option whose value chooses the defaults of others, where a table has it. */
const tuningOption = "tuning";

/**
 * Checks options and completes them. What comes out may go in again: nothing changes then.
 * @param protocol its name, for diagnostics
 * @param given by name; undefined counts as not given
 */
export function readProtocolOptions(
  protocol: string,
  table: readonly ProtocolOption[],
  given: Readonly<Record<string, unknown>>,
): ReadOptions {
  const known = table.map(({ name }) => name);
  const diagnostics: Diagnostic[] = Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => ({ code: "unknown-protocol-option", message: refuse(protocol, name, known) }));
  const tuning = given[tuningOption] ?? table.find(({ name }) => name === tuningOption)?.default;
  const values: Record<string, number | string> = {};
  for (const option of table) {
    const { name, meaning, allowed } = option;
    const value = (Object.hasOwn(given, name) ? given[name] : undefined) ?? defaultOf(option, tuning);
    if (isAllowedValue(value, allowed)) values[name] = value;
    else {
      values[name] = defaultOf(option, tuning);
      const message = `${name} (${meaning}) is ${JSON.stringify(value)}; it must be ${describeAllowedValue(allowed)}.`;
      diagnostics.push({ code: "protocol-option", message });
    }
  }
  return { values, diagnostics };
}

/** The same for a plan, with what is wrong with its committee. @throws ConfigurationError with all diagnostics */
export function checkedOptions(
  protocol: string,
  table: readonly ProtocolOption[],
  given: Readonly<Record<string, unknown>>,
  ofCommittee: readonly Diagnostic[],
): ReadOptions["values"] {
  const { values, diagnostics } = readProtocolOptions(protocol, table, given);
  const all = [...ofCommittee, ...diagnostics];
  if (all.length > 0) throw new ConfigurationError(all);
  return values;
}

/** The table for nodes on several hosts. */
export function optionsOnHosts(table: readonly ProtocolOption[]): readonly ProtocolOption[] {
  return table.map((option) => ({ ...option, default: option.remoteDefault ?? option.default }));
}

/** What is wrong with the size of a committee. */
export function committeeDiagnostics(nodes: number, largest: number): Diagnostic[] {
  if (Number.isInteger(nodes) && nodes >= 1 && nodes <= largest) return [];
  const message = `Cannot create a committee of ${nodes} nodes; choose 1 to ${largest}.`;
  return [{ code: "committee-size", message }];
}

function defaultOf({ default: usual, tuned = {} }: ProtocolOption, tuning: unknown): number | string {
  return typeof tuning === "string" && Object.hasOwn(tuned, tuning) ? (tuned[tuning] ?? usual) : usual;
}

function refuse(protocol: string, name: string, known: readonly string[]): string {
  const all = known.length === 0 ? "none" : known.join(", ");
  return `${protocol} has no option ${name}.${suggestion(name, known) || ` It has ${all}.`}`;
}
