import { runHosts } from "./commands/hosts/hosts.ts";
import { runTestbed } from "./commands/hosts/testbed.ts";
import { runClean } from "./commands/machine/clean.ts";
import { runDoctor } from "./commands/machine/doctor.ts";
import { runLogs } from "./commands/machine/logs.ts";
import { runStatus } from "./commands/machine/status.ts";
import { runCompare } from "./commands/results/compare.ts";
import { runLs } from "./commands/results/ls.ts";
import { runReport, runShow } from "./commands/results/report.ts";
import { runVerify } from "./commands/results/verify.ts";
import { runBenchmark } from "./commands/run/benchmark.ts";
import { runCalibrate } from "./commands/run/calibrate.ts";
import { runLocalNetwork } from "./commands/run/local-network.ts";
import { runRemoteNetwork } from "./commands/run/remote-network.ts";
import { runWizard } from "./commands/run/wizard.ts";
import { runCompletion } from "./commands/setup/completion.ts";
import { runInit } from "./commands/setup/init.ts";
import { runProtocols } from "./commands/setup/protocols.ts";
import { runValidate } from "./commands/setup/validate.ts";
import type { CommandName } from "./options/commands.ts";
import type { Command } from "./terminal/context.ts";

/** What each command does. */
export const commands: Readonly<Record<CommandName, Command>> = {
  benchmark: runBenchmark,
  "local-network": runLocalNetwork,
  compare: runCompare,
  calibrate: runCalibrate,
  init: runInit,
  validate: runValidate,
  verify: runVerify,
  ls: runLs,
  show: runShow,
  report: runReport,
  "remote-network": runRemoteNetwork,
  wizard: runWizard,
  hosts: runHosts,
  doctor: runDoctor,
  testbed: runTestbed,
  completion: runCompletion,
  protocols: runProtocols,
  status: runStatus,
  logs: runLogs,
  clean: runClean,
};
