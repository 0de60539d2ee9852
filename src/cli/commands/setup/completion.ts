import { preflight } from "../../../run/prepare/preflight.ts";
import { formatBashCompletion } from "../../help/completion/bash.ts";
import { formatFishCompletion } from "../../help/completion/fish.ts";
import { formatZshCompletion } from "../../help/completion/zsh.ts";
import type { CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";

const formats: Readonly<Record<string, () => string>> = {
  bash: formatBashCompletion,
  zsh: formatZshCompletion,
  fish: formatFishCompletion,
};

/** `completion bash|zsh|fish`: the script that lets a shell complete all binaries. */
export async function runCompletion(
  { words, diagnostics }: CommandRequest,
  { terminal, settings, signal }: CommandContext,
): Promise<ExitCode> {
  await preflight(diagnostics, [], signal);
  const [shell = ""] = words;
  const script = formats[shell]?.() ?? "";
  terminal.print(settings.json ? JSON.stringify({ shell, script }, null, 2) : script);
  return 0;
}
