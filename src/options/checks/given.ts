import type { SweepParameters } from "../../contracts/parameters.ts";
import type { Diagnostic } from "../../core/errors.ts";
import type { Given } from "../rules/rule.ts";
import type { ParameterName } from "../rules/rules.ts";

/** What was given of a sweep's parameters, unchecked. */
export type GivenParameters = Readonly<Partial<Record<ParameterName, Given>>>;

export interface CheckedParameters {
  /**
   * Faulty ones stand at their defaults, so that the environment can be checked all the same; but of hosts that are
   * described wrongly there are none.
   */
  readonly parameters: SweepParameters;
  /** All of them. Nothing may be started unless this is empty. */
  readonly diagnostics: readonly Diagnostic[];
}
