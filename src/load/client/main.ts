/**
 * Entry of a process that runs clients: commands on standard input, messages on standard output, one line of JSON each
 * (load/messages/messages.ts); what its threads print goes to standard error. It ends when it is told to stop, and when
 * its input ends: whoever started it is gone then.
 */
import { describeError } from "../../core/errors.ts";
import { readLines } from "../messages/lines.ts";
import { type ClientMessage, decodeCommand, messagesVersion } from "../messages/messages.ts";
import { ClientHost } from "./client-host.ts";
import { inWorkers } from "./threads.ts";

const exitCodes = { stopped: 0, failed: 1 } as const;

function notify(message: ClientMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

const host = new ClientHost((protocol) => inWorkers(protocol, process.stderr), notify);

// Whoever read the messages may go first; then so does this process. Its threads go with it.
process.stdout.on("error", () => process.exit(exitCodes.failed));
// Ctrl-C reaches the parent process too, which decides what happens here.
process.on("SIGINT", () => {});

notify({ type: "hello", version: messagesVersion });
readLines(process.stdin, {
  line: (line) => {
    const command = decodeCommand(line);
    if (command.type === "stop") process.exit(exitCodes.stopped);
    host.command(command);
  },
  end: (error) => {
    if (error !== undefined) process.stderr.write(`client: ${describeError(error)}\n`);
    process.exit(error === undefined ? exitCodes.stopped : exitCodes.failed);
  },
});
