import { checkParameters } from "../config/check.ts";
import { openReader, text } from "../config/rule.ts";
import { formatRunBlock } from "../report/run-block.ts";
import type { CommandContext, CommandRequest, ExitCode } from "./context.ts";
import { runResume } from "./resume-command.ts";
import type { Rooms } from "./rooms.ts";
import { runSweepCommand } from "./sweep-command.ts";

/** `benchmark`: a sweep over loads, or the rest of one. */
export async function runBenchmark(
  request: CommandRequest,
  context: CommandContext,
  rooms: Rooms,
): Promise<ExitCode> {
  const check = (given: CommandRequest["given"]) => checkParameters(given, rooms.protocol, request.hosts);
  const style = { whole: true, formatResult: formatRunBlock };
  const surroundings = { context, rooms };
  const reader = openReader();
  const path = reader.read(text("a path", 4096), request.given.resume, undefined);
  const known = [...request.faults, ...reader.faults];
  if (path !== undefined) {
    return await runResume({ ...request, faults: known, path, check }, style, surroundings);
  }
  const { parameters, faults } = check(request.given);
  return await runSweepCommand({ parameters, faults: [...known, ...faults] }, style, surroundings);
}
