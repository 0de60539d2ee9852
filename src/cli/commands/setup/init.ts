import type { Diagnostic } from "../../../core/errors.ts";
import { quoteArgv } from "../../../core/quote.ts";
import { preflight } from "../../../run/prepare/preflight.ts";
import { readOwn } from "../../options/own-options.ts";
import { type Command, printFound } from "../../terminal/context.ts";
import { formatInitialFile } from "./init-text.ts";
import { checkName, occupied, planOptionsFile, schemaName, writeOptionsFile } from "./options-file.ts";

/** `init [FILE]`: writes a file of options to begin with, and sees to it that editors find its schema. */
export const runInit: Command = async (request, context) => {
  const [path = "bench.yaml"] = request.words;
  const { yes } = readOwn(request, { yes: false });
  const plan = planOptionsFile(path);
  const { made, schema } = plan;
  const check = async () => (yes ? [] : occupied(plan).map(refuseOccupied));
  await preflight([...request.diagnostics, ...checkName(path)], [check], context.signal);
  await writeOptionsFile(plan, formatInitialFile);
  const file = quoteArgv([path]);
  const lines = [
    `Written: ${path}${schema.isCopied ? `, and ${schemaName} for completion in editors` : ""}`,
    `  npx baleen validate ${file}`,
    `  npx baleen benchmark --config ${file}`,
  ];
  printFound(context, () => ({ written: made }), lines.join("\n"));
  return 0;
};

/** What is there already stays, unless it is just what would be written. */
function refuseOccupied(path: string): Diagnostic {
  const message = `${path}: already exists. Use another name, or --yes to overwrite it.`;
  return { code: "file-exists", message };
}
