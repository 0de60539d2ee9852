import { checkRemoteNetwork } from "../../../options/checks/check-once.ts";
import { formatLocalNetworkStatistics } from "../../../results/report/blocks/local-network-statistics.ts";
import { checkSystem, type SystemCheck } from "../../../run/prepare/system.ts";
import type { CommandBackend } from "../../terminal/backend.ts";
import type { CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";
import { runSweepCommand } from "./sweep.ts";

/** `remote-network`: a committee on hosts over SSH, and one segment of transactions through it. */
export async function runRemoteNetwork(
  request: CommandRequest,
  context: CommandContext,
  backend: CommandBackend,
): Promise<ExitCode> {
  const { given, hosts } = request;
  const check: SystemCheck = (values, limits) => checkRemoteNetwork(values, limits, hosts);
  const { diagnostics, ...sweep } = checkSystem(given, backend, check);
  const checked = { ...sweep, diagnostics: [...request.diagnostics, ...diagnostics] };
  const style = { whole: false, formatResult: formatLocalNetworkStatistics };
  return await runSweepCommand(checked, style, { context, backend });
}
