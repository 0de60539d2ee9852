import { runBenchmark } from "./benchmark-command.ts";
import { runCalibrate } from "./calibrate-command.ts";
import { runClean } from "./clean-command.ts";
import type { CommandName } from "./commands.ts";
import { runCompare } from "./compare-command.ts";
import { runCompletion } from "./completion-command.ts";
import type { Command } from "./context.ts";
import { runDoctor } from "./doctor-command.ts";
import { runHosts } from "./hosts-command.ts";
import { runInit } from "./init-command.ts";
import { runLocalNetwork } from "./local-network-command.ts";
import { runLogs } from "./logs-command.ts";
import { runLs } from "./ls-command.ts";
import { runProtocols } from "./protocols-command.ts";
import { runRemoteNetwork } from "./remote-network-command.ts";
import { runReport, runShow } from "./report-command.ts";
import { runStatus } from "./status-command.ts";
import { runTestbed } from "./testbed-command.ts";
import { runValidate } from "./validate-command.ts";
import { runVerify } from "./verify-command.ts";
import { runWizard } from "./wizard-command.ts";

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
