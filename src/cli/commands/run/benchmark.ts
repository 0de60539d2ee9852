import { checkBoth, checkParameters } from "../../../options/checks/check.ts";
import { rules } from "../../../options/rules/rules.ts";
import { checkPoints } from "../../../run/prepare/points.ts";
import { checkSystem, chooseSystem } from "../../../run/prepare/system.ts";
import { readOwn, refuseUnused } from "../../options/command-options.ts";
import type { Command, CommandRequest } from "../../terminal/context.ts";
import { runBoth } from "./both.ts";
import { runResume } from "./resume.ts";
import { runSweepCommand } from "./sweep.ts";
import { runVary } from "./vary.ts";

/** `benchmark`: a sweep over loads, the rest of one, one on each network, or one for each value of an option. */
export const runBenchmark: Command = async (request, context, backend) => {
  const { given, hosts, variation } = request;
  const check = (values: CommandRequest["given"]) =>
    checkSystem(values, backend, (found, limits) => checkParameters(found, limits, hosts));
  const { resume, explainLinks, turns } = readOwn(request, {
    resume: undefined,
    explainLinks: false,
    turns: false,
  });
  const setting = { request, style: { whole: true }, context, backend };
  if (resume !== undefined) {
    refuseUnused(request, ["vary", "turns"], "benchmark --resume");
    return await runResume(resume, check, setting);
  }
  refuseUnused(request, ["yes"], "benchmark without --resume");
  if (given.networkType?.value !== "both")
    refuseUnused(request, ["explainLinks"], "benchmark on one network");
  if (variation !== undefined) return await runVary(checkPoints(variation, check), { ...setting, turns });
  refuseUnused(request, ["turns"], "benchmark without --vary");
  if (given.networkType?.value !== "both") return await runSweepCommand(check(given), setting);
  // Of the links of the third sweep alone.
  const { linkMechanism, ...unlinked } = given;
  const mechanism = explainLinks ? request.read(rules.linkMechanism, linkMechanism, undefined) : undefined;
  const { protocol, diagnostics, ...system } = chooseSystem(explainLinks ? unlinked : given, backend);
  request.diagnostics.push(...diagnostics);
  const { local, remote } = checkBoth(system.given, system.limits, hosts);
  if (explainLinks && local.parameters.links !== undefined) {
    const message =
      "--explain-links compares with a local network without links. Remove --links, --delay and the like.";
    request.diagnostics.push({ code: "contradiction", message });
  }
  const sides = { local: { protocol, ...local }, remote: { protocol, ...remote } };
  return await runBoth(sides, { explainLinks, mechanism }, setting);
};
