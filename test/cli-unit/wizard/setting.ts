import { optionsOf } from "../../../src/cli/options/option-table.ts";
import { gatherOptions } from "../../../src/cli/options/sources.ts";
import { openCommandBackend } from "../../../src/cli/terminal/command-backend.ts";
import { type Answers, answersFrom } from "../../../src/cli/wizard/answers.ts";
import type { CheckOptions } from "../../../src/cli/wizard/check.ts";

export const table = optionsOf("wizard");

/** What flags and environment say, as the wizard is given it. */
export function gather(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const readFile = () => "phases: [{name: all, share: 1}]";
  const gathered = gatherOptions("wizard", { argv, env, home: "/home/me", readFile });
  return { ...gathered, answers: answersFrom(gathered.given, table) };
}

export const answer = (values: Readonly<Record<string, string>>): Answers =>
  new Map(Object.entries(values).map(([name, text]) => [name, [text]]));

export const options = (
  env: Readonly<Record<string, string>> = {},
  files: CheckOptions["files"] = new Map(),
): CheckOptions => ({ table, context: { env }, files, backend: openCommandBackend({}) });
