import { checkLocalNetwork, checkRemoteNetwork } from "../../../options/checks/check-once.ts";
import { formatLocalNetworkStatistics } from "../../../results/report/blocks/run-block.ts";
import { checkSystem, type SystemCheck } from "../../../run/prepare/system.ts";
import type { Command, CommandRequest } from "../../terminal/context.ts";
import { openReportFiles } from "../results/report-files.ts";
import { runSweepCommand } from "./sweep.ts";

const once =
  (checkWith: (hosts: CommandRequest["hosts"]) => SystemCheck): Command =>
  async (request, context, backend) => {
    const { diagnostics, ...sweep } = checkSystem(request.given, backend, checkWith(request.hosts));
    const checked = { ...sweep, diagnostics: [...request.diagnostics, ...diagnostics] };
    const style = { whole: false, formatResult: formatLocalNetworkStatistics };
    return await runSweepCommand(checked, { style, context, backend, reports: openReportFiles({}) });
  };

/** `local-network`: a committee on this machine, and one segment of transactions through it. */
export const runLocalNetwork = once(() => checkLocalNetwork);

/** `remote-network`: a committee on hosts over SSH, and one segment of transactions through it. */
export const runRemoteNetwork = once((hosts) => (given, limits) => checkRemoteNetwork(given, limits, hosts));
