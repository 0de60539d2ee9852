import { checkBoth, checkParameters } from "../config/check.ts";
import { openReader, text } from "../config/rule.ts";
import { formatRunBlock } from "../report/run-block.ts";
import { runBoth } from "./both-command.ts";
import type { CommandContext, CommandRequest, ExitCode } from "./context.ts";
import { openReportFiles } from "./report-files.ts";
import { runResume } from "./resume-command.ts";
import type { Rooms } from "./rooms.ts";
import { runSweepCommand } from "./sweep-command.ts";
import { checkSystem, chooseSystem } from "./system.ts";

/** `benchmark`: a sweep over loads, the rest of one, or one on each network. */
export async function runBenchmark(
  request: CommandRequest,
  context: CommandContext,
  rooms: Rooms,
): Promise<ExitCode> {
  const { given, hosts } = request;
  const check = (values: CommandRequest["given"]) =>
    checkSystem(values, rooms, (found, limits) => checkParameters(found, limits, hosts));
  const style = { whole: true, formatResult: formatRunBlock };
  const reader = openReader();
  const bundle = reader.read(text("a path", 4096), given.resume, undefined);
  const known = [...request.faults, ...reader.faults];
  const reports = openReportFiles(given);
  if (bundle !== undefined) {
    return await runResume({ ...request, faults: known, bundle, check, reports }, style, { context, rooms });
  }
  if (given.networkType?.value === "both") {
    const system = chooseSystem(given, rooms);
    const sides = checkBoth(system.given, system.limits, hosts);
    const { protocol, faults } = system;
    const pair = { ...sides, protocol, faults: [...known, ...faults], reports };
    return await runBoth(pair, { style, context, rooms });
  }
  const { faults, ...checked } = check(given);
  const sweep = { ...checked, faults: [...known, ...faults], reports };
  return await runSweepCommand(sweep, style, { context, rooms });
}
