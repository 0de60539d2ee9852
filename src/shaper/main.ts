/**
 * Entry of the link shaper. Delays, drops and slows packets between nodes, each in a network namespace of its own.
 * Commands on standard input, reports on standard output, one line of JSON each (contracts/links/shaper.ts). The first
 * command is `open`. It ends at `stop`, at SIGTERM, or when its input ends, because its parent process is gone then; all
 * that it put into namespaces is removed. Where it was killed, packets pass queues at once.
 */
import { createInterface } from "node:readline";
import {
  type ShaperCommand,
  type ShaperReport,
  shaperCommandForm,
  shaperReportForm,
} from "../contracts/links/shaper.ts";
import { readForm } from "../core/documents/check-form.ts";
import { writeForm } from "../core/documents/write-form.ts";
import { describeError } from "../core/errors.ts";
import { Session } from "./session.ts";

const exitCodes = { stopped: 0, failed: 1, refused: 2 } as const;

let session: Session | undefined;
let isEnding = false;
/** Whether the reader of the reports is still there. */
let isRead = true;

function print(report: ShaperReport): void {
  process.stdout.write(`${JSON.stringify(writeForm(shaperReportForm, report))}\n`);
}

/** Nothing of ours stays, however it ends. */
async function end(exitCode: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await session?.close().catch((error: unknown) => complain(error));
  const exit = () => process.exit(exitCode);
  // A standard output that has failed never calls back when it has finished.
  if (!isRead) exit();
  process.stdout.once("error", exit);
  process.stdout.end(exit);
}

function complain(error: unknown): void {
  process.stderr.write(`shaper: ${describeError(error).replaceAll("\n", " ")}\n`);
}

function fail(error: unknown): void {
  complain(error);
  void end(exitCodes.failed);
}

async function open(command: Extract<ShaperCommand, { type: "open" }>): Promise<void> {
  session = new Session(command, { report: print, fail });
  try {
    await session.start();
  } catch (error) {
    if (!isEnding) print({ type: "refused", id: command.id, reason: describeError(error) });
    await end(exitCodes.refused);
  }
}

function obey(line: string): void {
  let command: ShaperCommand;
  try {
    command = readForm(shaperCommandForm, JSON.parse(line));
  } catch (error) {
    print({ type: "refused", reason: describeError(error) });
    if (session === undefined) void end(exitCodes.refused);
    return;
  }
  if (command.type === "stop") void end(exitCodes.stopped);
  else if (session === undefined && command.type === "open") void open(command);
  else if (session === undefined || command.type === "open") {
    print({ type: "refused", id: command.id, reason: "open is the first command, and comes once." });
  } else session.obey(command);
}

// Without a reader of its reports this process ends too.
process.stdout.on("error", () => {
  isRead = false;
  void end(exitCodes.failed);
});
process.stderr.on("error", () => {});
// Ctrl-C reaches the parent process too, which decides when this one ends.
process.on("SIGINT", () => {});
process.once("SIGTERM", () => void end(exitCodes.stopped));
const input = createInterface({ input: process.stdin });
input.on("line", obey);
input.once("close", () => void end(exitCodes.stopped));
