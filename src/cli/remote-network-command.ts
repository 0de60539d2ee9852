import { checkRemoteNetwork } from "../config/check-once.ts";
import { formatLocalNetworkStatistics } from "../report/local-network-statistics.ts";
import type { CommandContext, CommandRequest, ExitCode } from "./context.ts";
import type { Rooms } from "./rooms.ts";
import { runSweepCommand } from "./sweep-command.ts";
import { checkSystem, type SystemCheck } from "./system.ts";

/** `remote-network`: a committee on hosts over SSH, and one stretch of transactions through it. */
export async function runRemoteNetwork(
  request: CommandRequest,
  context: CommandContext,
  rooms: Rooms,
): Promise<ExitCode> {
  const { given, hosts } = request;
  const check: SystemCheck = (values, limits) => checkRemoteNetwork(values, limits, hosts);
  const { faults, ...sweep } = checkSystem(given, rooms, check);
  const checked = { ...sweep, faults: [...request.faults, ...faults] };
  const style = { whole: false, formatResult: formatLocalNetworkStatistics };
  return await runSweepCommand(checked, style, { context, rooms });
}
