/**
 * Entry of the link shaper: `main.js CONFIGURATION`. Delays, drops and slows packets of network namespaces that wait in
 * netfilter queues. Commands on standard input, reports on standard output, one line of JSON each
 * (contracts/links/shaper.ts). It ends at a stop command, or when its input ends, because its parent process is gone then.
 * Where nobody holds the queues, packets pass at once.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { MessageChannel, Worker } from "node:worker_threads";
import {
  type ShaperCommand,
  type ShaperConfiguration,
  type ShaperReport,
  shaperCommandForm,
  shaperReportForm,
} from "../contracts/links/shaper.ts";
import { readForm } from "../core/documents/check-form.ts";
import { writeForm } from "../core/documents/write-form.ts";
import { ConfigurationError, describeError } from "../core/errors.ts";
import { changeDiagnostics, readConfiguration } from "./configuration.ts";
import type { ThreadMessage } from "./thread-messages.ts";

const exitCodes = { stopped: 0, failed: 1, configuration: 2 } as const;

function fail(error: unknown): never {
  const isConfiguration = error instanceof ConfigurationError;
  const lines = isConfiguration ? error.diagnostics.map(({ message }) => message) : [describeError(error)];
  for (const line of lines) process.stderr.write(`shaper: ${line.replaceAll("\n", " ")}\n`);
  process.exit(isConfiguration ? exitCodes.configuration : exitCodes.failed);
}

function print(report: ShaperReport): void {
  process.stdout.write(`${JSON.stringify(writeForm(shaperReportForm, report))}\n`);
}

/** @throws ShaperError's text where a line is no command, or contradicts the configuration */
function parseCommand(line: string, configuration: ShaperConfiguration): ShaperCommand {
  const command = readForm(shaperCommandForm, JSON.parse(line));
  const found = command.type === "set" ? changeDiagnostics(command.changes, configuration) : [];
  if (found.length > 0) throw new Error(found.join(" "));
  return command;
}

/** @returns takes commands */
function startThread(configuration: ShaperConfiguration): Promise<(command: ShaperCommand) => void> {
  const { port1, port2 } = new MessageChannel();
  const entry = new URL(import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js", import.meta.url);
  const workerData = { configuration, commands: port2 };
  const thread = new Worker(entry, { workerData, transferList: [port2] });
  return new Promise((resolve) => {
    thread.on("message", (message: ThreadMessage) => {
      if (message.type === "report") print(message.report);
      else if (message.type === "closed") process.stdout.end(() => process.exit(exitCodes.stopped));
      else {
        resolve((command) => {
          port1.postMessage(command);
          writeSync(message.wakeDescriptor, "!");
        });
      }
    });
    thread.on("error", fail);
  });
}

async function run(): Promise<void> {
  const [path, ...others] = process.argv.slice(2);
  if (path === undefined || others.length > 0) {
    const message = "Give the path of one configuration file.";
    throw new ConfigurationError([{ code: "shaper", message }]);
  }
  const configuration = await readConfiguration(path);
  // Whoever reads the reports may go first; then so does this process.
  process.stdout.on("error", () => process.exit(exitCodes.failed));
  // Ctrl-C reaches the parent process too, which decides what happens here.
  process.on("SIGINT", () => {});
  const send = await startThread(configuration);
  process.once("SIGTERM", () => send({ type: "stop" }));
  const input = createInterface({ input: process.stdin });
  input.on("line", (line) => {
    try {
      send(parseCommand(line, configuration));
    } catch (error) {
      print({ type: "refused", reason: describeError(error) });
    }
  });
  input.once("close", () => send({ type: "stop" }));
}

run().catch(fail);
