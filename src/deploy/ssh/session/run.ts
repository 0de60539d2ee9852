import { addAbortListener } from "node:events";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { HostCommandOptions, HostCommandResult } from "../../../contracts/hosts/host.ts";
import { boundCommand } from "../../../core/process/command.ts";
import { HostCommandError } from "../errors.ts";
import { howUnknown, type LaunchContext, type Launched, launch, untilStarted } from "./launch.ts";

/** A host that writes more, on either output, answers no question of ours. */
const mostOutputBytes = 4 * 1024 * 1024;
/** The same of packets: even the lines of an installation come to fewer. */
const mostPieces = 16_384;
/** Smaller on average: packets of a flood that fill memory more than the network. */
const smallPieceBytes = 64;
/** Longest wait for the end of a command on a host that has not answered in time, or floods. */
const silentEndMs = 4000;

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
  const { onLine, asRoot = false } = options;
  options.signal?.throwIfAborted();
  const limits = {
    ...options,
    maxOutputBytes: mostOutputBytes,
    maxErrorBytes: mostOutputBytes,
    maxPieces: mostPieces,
  };
  using bounds = boundCommand(argv, limits, (facts, why) => new HostCommandError(context.host, facts, why));
  const { signal } = bounds;
  let outputs: Promise<unknown> = Promise.resolve();
  let [heardBytes, heardPieces] = [0, 0];
  const counted = (take: (chunk: Buffer) => void) => (chunk: Buffer) => {
    heardBytes += chunk.length;
    heardPieces++;
    take(chunk);
  };
  // Read from the first byte on: a short command has ended before it is known to have started.
  const prepare = ({ stream, stderr }: Launched): void => {
    const heard = onLine && ((line: string) => signal.aborted || onLine(line));
    outputs = Promise.all([
      follow(stream, counted(bounds.takeStdout), heard),
      follow(stderr, counted(bounds.takeStderr), heard),
    ]);
  };
  const launched = await launch(context, argv, { asRoot, signal, prepare });
  // It may end without reading its input: its exit code tells.
  launched.stream.end(options.input);
  const ended = outputs.then(() => launched.ended);
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  using _stopping = addAbortListener(signal, () => {
    // A flood goes on until the command is ended. It waits, up to the window of its channel; but single bytes, which cost
    // a hundred each while they wait, are read on and dropped.
    const isFine = heardBytes < smallPieceBytes * heardPieces;
    for (const output of isFine ? [] : [launched.stream, launched.stderr]) output.pause();
    stop(launched.end(options.signal?.aborted ? undefined : silentEndMs));
  });
  await Promise.race([ended, stopped]);
  // It may have ended because it was asked to: what it started has to be gone too.
  if (signal.aborted) await stopped;
  signal.throwIfAborted();
  const end = await ended;
  if (end === undefined) throw howUnknown(context, launched, argv);
  if (end.exitCode !== 0 && end.exitCode !== undefined && asRoot) await untilStarted(context, launched);
  return bounds.conclude(end);
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
    // The connection may have been lost since it was opened.
    if (source.destroyed) resolve();
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
