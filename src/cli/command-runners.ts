import type { CommandName } from "./options/command-table.ts";
import type { Command, CommandRequest, CommandRunner } from "./terminal/context.ts";
import { openBeside } from "./terminal/open-beside.ts";

/** A command whose modules are loaded when it runs: others, help above all, do not wait for them. */
const loaded =
  (load: () => Promise<Command>): CommandRunner =>
  async (request, context) => {
    const [command, { openCommandBackend }] = await Promise.all([
      load(),
      import("./terminal/command-backend.ts"),
    ]);
    context.signal.throwIfAborted();
    const asked = request.given.linksLike === undefined ? request : await withMeasured(request);
    await using beside = await openBeside(asked, context);
    return await command(asked, { ...context, ...beside.services }, openCommandBackend(context.env));
  };

const withMeasured = async (request: CommandRequest) =>
  (await import("./options/measured-links.ts")).withMeasuredLinks(request);

export const commands: Readonly<Record<CommandName, CommandRunner>> = {
  benchmark: loaded(async () => (await import("./commands/run/benchmark.ts")).runBenchmark),
  browsers: loaded(async () => (await import("./commands/browsers/browsers.ts")).runBrowsers),
  mesh: loaded(async () => (await import("./commands/run/mesh.ts")).runMesh),
  "local-network": loaded(async () => (await import("./commands/run/sweep.ts")).runLocalNetwork),
  compare: loaded(async () => (await import("./commands/results/compare.ts")).runCompare),
  calibrate: loaded(async () => (await import("./commands/run/calibrate.ts")).runCalibrate),
  init: loaded(async () => (await import("./commands/setup/init.ts")).runInit),
  validate: loaded(async () => (await import("./commands/setup/validate.ts")).runValidate),
  verify: loaded(async () => (await import("./commands/results/verify.ts")).runVerify),
  history: loaded(async () => (await import("./commands/results/history.ts")).runHistory),
  ls: loaded(async () => (await import("./commands/results/ls.ts")).runLs),
  show: loaded(async () => (await import("./commands/results/report.ts")).runShow),
  serve: loaded(async () => (await import("./commands/results/serve.ts")).runServe),
  export: loaded(async () => (await import("./commands/results/export.ts")).runExport),
  dashboards: loaded(async () => (await import("./commands/results/dashboards.ts")).runDashboards),
  report: loaded(async () => (await import("./commands/results/report.ts")).runReport),
  "remote-network": loaded(async () => (await import("./commands/run/sweep.ts")).runRemoteNetwork),
  wizard: loaded(async () => (await import("./commands/run/wizard.ts")).runWizard),
  lighthouse: loaded(async () => (await import("./commands/browsers/lighthouse.ts")).runLighthouse),
  "client-page": loaded(async () => (await import("./commands/browsers/client-page.ts")).runClientPage),
  hosts: loaded(async () => (await import("./commands/hosts/hosts.ts")).runHosts),
  doctor: loaded(async () => (await import("./commands/machine/doctor.ts")).runDoctor),
  testbed: loaded(async () => (await import("./commands/hosts/testbed.ts")).runTestbed),
  completion: loaded(async () => (await import("./commands/setup/completion.ts")).runCompletion),
  protocols: loaded(async () => (await import("./commands/setup/protocols.ts")).runProtocols),
  map: loaded(async () => (await import("./commands/results/map.ts")).runMap),
  links: loaded(async () => (await import("./commands/setup/links.ts")).runLinks),
  status: loaded(async () => (await import("./commands/machine/status.ts")).runStatus),
  logs: loaded(async () => (await import("./commands/machine/logs.ts")).runLogs),
  clean: loaded(async () => (await import("./commands/machine/clean.ts")).runClean),
};
