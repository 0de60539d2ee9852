import type { SweepParameters } from "../../../contracts/parameters.ts";
import { ConfigurationError } from "../../../core/errors.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import type { StoredBundle } from "../../../results/bundle/reader.ts";
import { namedPrograms } from "../../../run/prepare/origin.ts";
import { readOwn } from "../../options/command-options.ts";
import type { SweepSetting } from "./sweep.ts";

/**
 * Shows what a resumed sweep runs because its bundle says so, and asks; `--yes` answers.
 *
 * @returns whether it may run
 * @throws ConfigurationError where the bundle was not made here, or there is nobody to ask
 */
export async function confirmPrograms(
  { folder, parameters: document }: Pick<StoredBundle, "folder" | "parameters">,
  parameters: SweepParameters,
  { request, context, backend }: SweepSetting,
): Promise<boolean> {
  const programs = namedPrograms(parameters).map((line) => formatForeign(line));
  if (programs.length === 0) return true;
  const all = programs.join("; ");
  if (!(await backend.origin.isOwn(folder, document.all()))) {
    const message = `--resume ${folder}: this bundle names programs to run (${all}), and you did not make it on this machine, or its parameters have changed. Begin a new sweep with a description and programs that you trust.`;
    throw new ConfigurationError([{ code: "foreign-bundle", message }]);
  }
  if (readOwn(request, { yes: false }).yes) return true;
  const dialogue = backend.openDialogue(context.signal);
  if (dialogue === undefined) {
    const message = `--resume ${folder}: the sweep runs programs that the bundle names (${all}), and there is no terminal to ask whether it may. Check them, and confirm with --yes.`;
    throw new ConfigurationError([{ code: "no-terminal", message }]);
  }
  const { note } = context.terminal;
  note("The bundle names what its nodes run:");
  for (const line of programs) note(`  ${line}`);
  if (await dialogue.confirm("Run it?", false)) return true;
  note("Nothing was started.");
  return false;
}
