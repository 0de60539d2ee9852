import { checkLocalNetwork } from "../../../options/checks/check-once.ts";
import { formatLocalNetworkStatistics } from "../../../results/report/blocks/local-network-statistics.ts";
import { checkSystem } from "../../../run/prepare/system.ts";
import type { CommandBackend } from "../../terminal/backend.ts";
import type { CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";
import { runSweepCommand } from "./sweep.ts";

/** `local-network`: a committee on this machine, and one segment of transactions through it. */
export async function runLocalNetwork(
  request: CommandRequest,
  context: CommandContext,
  backend: CommandBackend,
): Promise<ExitCode> {
  const { diagnostics, ...sweep } = checkSystem(request.given, backend, checkLocalNetwork);
  const checked = { ...sweep, diagnostics: [...request.diagnostics, ...diagnostics] };
  const style = { whole: false, formatResult: formatLocalNetworkStatistics };
  return await runSweepCommand(checked, style, { context, backend });
}
