import { formatForeign } from "../report/figures.ts";
import type { CommandContext } from "./context.ts";

/** Told of each step of work that takes long: on what ("host0"), what is done, and more about it. */
export type OnStep = (subject: string, step: string, detail?: string) => void;

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
