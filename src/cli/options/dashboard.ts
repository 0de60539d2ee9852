/** `--dashboard`, alone or with a port. */
import type { Diagnostic } from "../../core/errors.ts";
import { number } from "../../options/rules/number.ts";
import { boolean, type Rule } from "../../options/rules/rule.ts";

/** Where dashboards listen unless another port is asked for. */
export const usualDashboardPort = 9904;

export const port = number({ unit: "", whole: true, atLeast: 0, atMost: 65_535 });

/** false: none; true: on the usual port, or a free one. */
export const dashboardRule: Rule<boolean | number> = {
  kind: "switch",
  expected: "a port from 1024 to 65,535, true or false",
  schema: { anyOf: [{ type: "boolean" }, { type: "integer", minimum: 1024, maximum: 65_535 }] },
  read: (given) => {
    const asPort = number({ unit: "", whole: true, atLeast: 1024, atMost: 65_535 }).read(given);
    if ("value" in asPort) return asPort;
    const asSwitch = boolean.read(given);
    if ("value" in asSwitch) return asSwitch;
    const message = `${given.name}: it is neither a port nor true or false. Give ${dashboardRule.expected}.`;
    return { diagnostics: [{ code: "invalid-value", message }] };
  },
};

/** Pages show what is in a bundle. */
export function checkDashboard(
  { dashboard }: { readonly dashboard?: unknown },
  { fileOutput }: { readonly fileOutput: boolean },
): readonly Diagnostic[] {
  if (dashboard === undefined || fileOutput) return [];
  const message =
    "--dashboard shows the bundle of a run, but no files are written. Add --output-dir FOLDER, or remove --no-file-output.";
  return [{ code: "contradiction", message }];
}
