import { checkLocalNetwork } from "../config/check-once.ts";
import { formatLocalNetworkStatistics } from "../report/local-network-statistics.ts";
import type { CommandContext, CommandRequest, ExitCode } from "./context.ts";
import type { Rooms } from "./rooms.ts";
import { runSweepCommand } from "./sweep-command.ts";
import { checkSystem } from "./system.ts";

/** `local-network`: a committee on this machine, and one stretch of transactions through it. */
export async function runLocalNetwork(
  request: CommandRequest,
  context: CommandContext,
  rooms: Rooms,
): Promise<ExitCode> {
  const { faults, ...sweep } = checkSystem(request.given, rooms, checkLocalNetwork);
  const checked = { ...sweep, faults: [...request.faults, ...faults] };
  const style = { whole: false, formatResult: formatLocalNetworkStatistics };
  return await runSweepCommand(checked, style, { context, rooms });
}
