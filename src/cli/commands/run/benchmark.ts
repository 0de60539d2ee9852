import { checkBoth, checkParameters } from "../../../options/checks/check.ts";
import { checkSystem, chooseSystem } from "../../../run/prepare/system.ts";
import { readOwn } from "../../options/own-options.ts";
import type { Command, CommandRequest } from "../../terminal/context.ts";
import { openReportFiles } from "../results/report-files.ts";
import { runBoth } from "./both.ts";
import { runResume } from "./resume.ts";
import { runSweepCommand } from "./sweep.ts";

/** `benchmark`: a sweep over loads, the rest of one, or one on each network. */
export const runBenchmark: Command = async (request, context, backend) => {
  const { given, hosts } = request;
  const check = (values: CommandRequest["given"]) =>
    checkSystem(values, backend, (found, limits) => checkParameters(found, limits, hosts));
  const { resume: bundle } = readOwn(request, { resume: undefined });
  const setting = { style: { whole: true }, context, backend, reports: openReportFiles(given) };
  if (bundle !== undefined) return await runResume({ ...request, bundle, check }, setting);
  if (given.networkType?.value === "both") {
    const { protocol, diagnostics, ...system } = chooseSystem(given, backend);
    const sides = checkBoth(system.given, system.limits, hosts);
    return await runBoth(
      { ...sides, protocol, diagnostics: [...request.diagnostics, ...diagnostics] },
      setting,
    );
  }
  const { diagnostics, ...sweep } = check(given);
  return await runSweepCommand({ ...sweep, diagnostics: [...request.diagnostics, ...diagnostics] }, setting);
};
