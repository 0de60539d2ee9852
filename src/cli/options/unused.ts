import type { Diagnostic } from "../../core/errors.ts";
import type { Given } from "../../options/rules/rule.ts";

/** Diagnostics for flags that an action has no use for; from environment and file they may be meant for another one. */
export function refuseUnused(
  given: Readonly<Record<string, Given>>,
  names: readonly string[],
  action: string,
): readonly Diagnostic[] {
  return names.flatMap((name) => {
    const one = given[name];
    if (one === undefined || one.rank > 0) return [];
    const message = `${one.name}: "${action}" has no use for it. Leave it out.`;
    return [{ code: "unused-option", message }];
  });
}
