import { checkBoth, checkParameters } from "../../../options/checks/check.ts";
import { openReader, text } from "../../../options/rules/rule.ts";
import { checkSystem, chooseSystem } from "../../../run/prepare/system.ts";
import type { CommandBackend } from "../../terminal/backend.ts";
import type { CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";
import { openReportFiles } from "../results/report-files.ts";
import { runBoth } from "./both.ts";
import { runResume } from "./resume.ts";
import { runSweepCommand } from "./sweep.ts";

/** `benchmark`: a sweep over loads, the rest of one, or one on each network. */
export async function runBenchmark(
  request: CommandRequest,
  context: CommandContext,
  backend: CommandBackend,
): Promise<ExitCode> {
  const { given, hosts } = request;
  const check = (values: CommandRequest["given"]) =>
    checkSystem(values, backend, (found, limits) => checkParameters(found, limits, hosts));
  const style = { whole: true };
  const reader = openReader();
  const bundle = reader.read(text("a path", 4096), given.resume, undefined);
  const known = [...request.diagnostics, ...reader.diagnostics];
  const reports = openReportFiles(given);
  if (bundle !== undefined) {
    return await runResume({ ...request, diagnostics: known, bundle, check, reports }, style, {
      context,
      backend,
    });
  }
  if (given.networkType?.value === "both") {
    const system = chooseSystem(given, backend);
    const sides = checkBoth(system.given, system.limits, hosts);
    const { protocol, diagnostics } = system;
    const pair = { ...sides, protocol, diagnostics: [...known, ...diagnostics], reports };
    return await runBoth(pair, { style, context, backend });
  }
  const { diagnostics, ...checked } = check(given);
  const sweep = { ...checked, diagnostics: [...known, ...diagnostics], reports };
  return await runSweepCommand(sweep, style, { context, backend });
}
