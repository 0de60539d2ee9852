import type { SweepParameters } from "../../contracts/parameters.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { type Given, openReader, type Reader, type Rule } from "../rules/rule.ts";
import { type ParameterName, rules } from "../rules/rules.ts";

/** What was given of a sweep's parameters, unchecked. */
export type GivenParameters = Readonly<Partial<Record<ParameterName, Given>>>;

type ValueOf<N extends ParameterName> = (typeof rules)[N] extends Rule<infer T> ? T : never;

export interface ParameterReader extends Reader {
  readonly given: GivenParameters;
  /** The checked value of one, or the fallback where none or a faulty one was given. */
  readonly take: <N extends ParameterName, F>(name: N, fallback: F) => ValueOf<N> | F;
  /** Tells what is wrong with one, as its giver called it. @param code default: "contradiction" */
  readonly refuse: (one: ParameterName | Pick<Given, "name">, why: string, code?: ErrorCode) => void;
  /** The same of one that may be removed. @param why with what to give instead, without a full stop */
  readonly contradict: (one: Given, why: string) => void;
}

/** @param reader to which it tells what is wrong */
export function openParameters(given: GivenParameters, reader = openReader()): ParameterReader {
  const refuse: ParameterReader["refuse"] = (one, why, code = "contradiction") => {
    const name = typeof one === "string" ? (given[one]?.name ?? one) : one.name;
    reader.diagnostics.push({ code, message: `${name}: ${why}` });
  };
  return {
    ...reader,
    given,
    refuse,
    take: <N extends ParameterName, F>(name: N, fallback: F) =>
      reader.read(rules[name] as Rule<unknown> as Rule<ValueOf<N>>, given[name], fallback),
    contradict: (one, why) => refuse(one, `${why}, or remove it.`),
  };
}

export interface CheckedParameters {
  /**
   * Faulty ones stand at their defaults, so that the environment can be checked all the same; but of hosts that are
   * described wrongly there are none.
   */
  readonly parameters: SweepParameters;
  /** All of them. Nothing may be started unless this is empty. */
  readonly diagnostics: readonly Diagnostic[];
}
