import type { OnStep } from "../../contracts/steps.ts";
import { formatForeign } from "../../results/report/text/figures.ts";
import type { CommandContext } from "./context.ts";

/** Steps as lines of standard error; none with --quiet. */
export function openSteps({ terminal, settings }: Pick<CommandContext, "terminal" | "settings">): OnStep {
  return (subject, step, detail) => {
    if (settings.quiet) return;
    if (settings.logFormat === "json") {
      terminal.note(JSON.stringify({ v: 1, type: "step", subject, step, detail }));
    } else {
      const more = detail === undefined ? "" : ` (${formatForeign(detail)})`;
      terminal.note(`${formatForeign(subject)}: ${formatForeign(step)}${more}`);
    }
  };
}
