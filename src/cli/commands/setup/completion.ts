import { refuse } from "../../../run/prepare/preflight.ts";
import { formatBashCompletion } from "../../help/completion/bash.ts";
import { formatFishCompletion } from "../../help/completion/fish.ts";
import { formatZshCompletion } from "../../help/completion/zsh.ts";
import { type Command, printFound } from "../../terminal/context.ts";

const formats: Readonly<Record<string, () => string>> = {
  bash: formatBashCompletion,
  zsh: formatZshCompletion,
  fish: formatFishCompletion,
};

/** `completion bash|zsh|fish`: the script that lets a shell complete all binaries. */
export const runCompletion: Command = async ({ words, diagnostics }, context) => {
  refuse(diagnostics);
  const [shell = ""] = words;
  const script = formats[shell]?.() ?? "";
  printFound(context, () => ({ shell, script }), script);
  return 0;
};
