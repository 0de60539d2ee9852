import { addAbortListener } from "node:events";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { HostCommandOptions, HostCommandResult } from "../../../contracts/hosts/host.ts";
import {
  type CommandFacts,
  defaultOutputBytes,
  nameCommand,
  OutputTail,
} from "../../../core/process/command.ts";
import { HostCommandError } from "../errors.ts";
import type { SessionEnd } from "./client.ts";
import { connectionLost, type LaunchContext, launch, untilStarted } from "./launch.ts";

export const stderrTailCharacters = 2000;

/**
 * Runs a command on a host to its end. Its time includes the wait for the connection and for room on it.
 *
 * @throws HostCommandError as its `reason` says; HostError where the host cannot be reached, or sudo refused;
 *   the signal's reason on abort. In the last case, and when its time is over, all it started was ended first.
 */
export async function runOnHost(
  context: LaunchContext,
  argv: readonly string[],
  options: HostCommandOptions,
): Promise<HostCommandResult> {
  const { timeoutMs, onLine, asRoot = false } = options;
  options.signal?.throwIfAborted();
  const gaveUp = new AbortController();
  const outputs = { stdout: new OutputTail(defaultOutputBytes), stderr: new OutputTail(defaultOutputBytes) };
  const fail = (reason: CommandFacts["reason"], why: string, end?: SessionEnd) => {
    const stderrTail = outputs.stderr.text().slice(-stderrTailCharacters);
    return new HostCommandError(context.host, { argv, reason, ...end, stderrTail }, why);
  };
  const timer = setTimeout(() => {
    gaveUp.abort(fail("timeout", `did not end within ${timeoutMs / 1000} s`));
  }, timeoutMs);
  const signal = AbortSignal.any([gaveUp.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  // What has ended is not ended again, whenever the signal aborts.
  let isOver = false;
  try {
    const launched = await launch(context, argv, { asRoot, signal });
    // It may end without reading its input: its exit code tells.
    launched.stream.end(options.input);
    const takeStdout = (chunk: Buffer) => {
      outputs.stdout.push(chunk);
      if (!outputs.stdout.overflowed) return;
      gaveUp.abort(fail("output-limit", `wrote more than ${defaultOutputBytes} bytes of output`));
    };
    const ended = Promise.all([
      launched.ended,
      follow(launched.stream, takeStdout, onLine),
      follow(launched.stderr, (chunk) => outputs.stderr.push(chunk), onLine),
    ]);
    const aborted = new Promise<unknown>((resolve) => addAbortListener(signal, resolve));
    const stopped = aborted.then(() => (isOver ? undefined : launched.end()));
    await Promise.race([ended, stopped]);
    // It may have ended because it was asked to: what it started has to be gone too.
    if (signal.aborted) await stopped;
    signal.throwIfAborted();
    const [end] = await ended;
    if (end === undefined) throw connectionLost(context, nameCommand(argv));
    const { exitCode } = end;
    if (exitCode === undefined) throw fail("exit", `was ended by ${end.signal}`, end);
    if (exitCode !== 0 && asRoot) await untilStarted(context, launched);
    if (exitCode !== 0 && options.allowFailure !== true) {
      throw fail("exit", `failed with exit code ${exitCode}`, { exitCode });
    }
    return { exitCode, stdout: outputs.stdout.text(), stderr: outputs.stderr.text() };
  } finally {
    isOver = true;
    clearTimeout(timer);
  }
}

/** Reads an output; resolves when it has come to its end, or has failed: how it ended is told by the session. */
export function follow(
  source: Readable,
  take: (chunk: Buffer) => void,
  onLine?: HostCommandOptions["onLine"],
): Promise<void> {
  const lines = onLine && splitLines(onLine);
  return new Promise((resolve) => {
    source.on("data", (chunk: Buffer) => {
      take(chunk);
      lines?.push(chunk);
    });
    source.on("end", () => lines?.end());
    for (const event of ["end", "close", "error"]) source.on(event, () => resolve());
  });
}

const longestLineCharacters = 100_000;

/** Makes lines of bytes; a carriage return alone, as progress bars have it, ends a line too. */
function splitLines(onLine: (line: string) => void) {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    push: (chunk: Buffer): void => {
      const lines = (rest + decoder.write(chunk)).split(/\r\n|[\r\n]/);
      rest = (lines.pop() ?? "").slice(-longestLineCharacters);
      for (const line of lines) onLine(line);
    },
    end: (): void => {
      const last = rest + decoder.end();
      rest = "";
      if (last !== "") onLine(last);
    },
  };
}
