import { checkParameters } from "../config/check.ts";
import { formatRunBlock } from "../report/run-block.ts";
import type { CommandContext, CommandRequest, ExitCode } from "./context.ts";
import type { Rooms } from "./rooms.ts";
import { runSweepCommand } from "./sweep-command.ts";

/** `benchmark`: a sweep over loads. */
export async function runBenchmark(
  request: CommandRequest,
  context: CommandContext,
  rooms: Rooms,
): Promise<ExitCode> {
  const { parameters, faults } = checkParameters(request.given, rooms.protocol, request.hosts);
  const checked = { parameters, faults: [...request.faults, ...faults] };
  return await runSweepCommand(checked, { whole: true, formatResult: formatRunBlock }, context, rooms);
}
