import { once } from "node:events";
import { Readable, type Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { HostCommandOptions } from "../../../contracts/hosts/host.ts";
import {
  type CommandFacts,
  defaultOutputBytes,
  nameCommand,
  OutputTail,
} from "../../../core/process/command.ts";
import { HostCommandError } from "../errors.ts";
import type { SessionEnd } from "./client.ts";
import { connectionLost, explainSudo, type LaunchContext, type Launched, launch } from "./launch.ts";

/** What came of a command, as bytes. */
export interface RunResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const stderrTailCharacters = 2000;

/**
 * Runs a command on a host to its end. Its time includes the wait for the connection and for room on it.
 *
 * @throws HostCommandError as its `reason` says; SshError where the host cannot be reached, or sudo refused;
 *   the signal's reason on abort. In the last case, and when its time is over, all it started was ended first.
 */
export async function runOnHost(
  context: LaunchContext,
  argv: readonly string[],
  options: HostCommandOptions,
): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const gaveUp = new AbortController();
  const outputs = new Outputs(options, (limitBytes) =>
    gaveUp.abort(fail("output-limit", `wrote more than ${limitBytes} bytes of output`)),
  );
  const fail = (
    reason: CommandFacts["reason"],
    why: string,
    end?: Pick<CommandFacts, "exitCode" | "signal">,
  ) => new HostCommandError(context.host, { argv, reason, ...end, stderrTail: outputs.stderrTail() }, why);
  const timer = setTimeout(() => {
    gaveUp.abort(fail("timeout", `did not end within ${options.timeoutMs / 1000} s`));
  }, options.timeoutMs);
  const signal = AbortSignal.any([gaveUp.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  // What has ended is not ended again, whenever the signal aborts.
  let isOver = false;
  try {
    const launched = await launch(context, argv, { asRoot: options.asRoot ?? false, signal });
    feed(launched, options.input, gaveUp);
    const ended = Promise.all([launched.ended, outputs.read(launched)]);
    const stopped = onceAborted(signal).then(() => (isOver ? undefined : launched.end()));
    await Promise.race([ended, stopped]);
    // It may have ended because it was asked to: what it started has to be gone too.
    if (signal.aborted) await stopped;
    signal.throwIfAborted();
    const [end] = await ended;
    return await settle(context, { argv, options, launched, outputs, end, fail });
  } finally {
    isOver = true;
    clearTimeout(timer);
  }
}

async function settle(
  context: LaunchContext,
  run: {
    argv: readonly string[];
    options: HostCommandOptions;
    launched: Launched;
    outputs: Outputs;
    end: SessionEnd | undefined;
    fail: (
      reason: CommandFacts["reason"],
      why: string,
      end?: Pick<CommandFacts, "exitCode" | "signal">,
    ) => HostCommandError;
  },
): Promise<RunResult> {
  const { argv, options, launched, outputs, end, fail } = run;
  if (end === undefined) throw connectionLost(context, nameCommand(argv));
  if ("signal" in end) throw fail("exit", `was ended by ${end.signal}`, { signal: end.signal });
  const { exitCode } = end;
  if (exitCode !== 0 && options.asRoot === true && (await launched.group) === undefined) {
    const refusal = explainSudo(context, launched.saidInstead());
    if (refusal !== undefined) throw refusal;
  }
  if (exitCode !== 0 && options.allowFailure !== true) {
    throw fail("exit", `failed with exit code ${exitCode}`, { exitCode });
  }
  return { exitCode, stdout: outputs.stdout.last(), stderr: outputs.stderr.text() };
}

/** What a command writes. */
class Outputs {
  readonly stdout: OutputTail;
  readonly stderr: OutputTail;
  private readonly onLine: HostCommandOptions["onLine"];
  private readonly limitBytes: number;
  private readonly onOverflow: (limitBytes: number) => void;

  constructor(options: HostCommandOptions, onOverflow: (limitBytes: number) => void) {
    this.limitBytes = options.maxOutputBytes ?? defaultOutputBytes;
    this.stdout = new OutputTail(this.limitBytes);
    this.stderr = new OutputTail(this.limitBytes);
    this.onLine = options.onLine;
    this.onOverflow = onOverflow;
  }

  stderrTail(): string {
    return this.stderr.text().slice(-stderrTailCharacters);
  }

  /** Resolves when both have come to their end, or have failed. */
  async read({ stream, stderr }: Launched): Promise<void> {
    await Promise.all([
      this.follow(stream, (chunk) => {
        this.stdout.push(chunk);
        if (this.stdout.overflowed) this.onOverflow(this.limitBytes);
      }),
      this.follow(stderr, (chunk) => this.stderr.push(chunk)),
    ]);
  }

  private follow(source: Readable, take: (chunk: Buffer) => void): Promise<void> {
    const lines = this.onLine === undefined ? undefined : new LineSplitter(this.onLine);
    return new Promise((resolve) => {
      source.on("data", (chunk: Buffer) => {
        take(chunk);
        lines?.push(chunk);
      });
      source.on("end", () => lines?.end());
      // How it ended is told by the session.
      for (const event of ["end", "close", "error"]) source.on(event, () => resolve());
    });
  }
}

const longestLineCharacters = 100_000;

/** Makes lines of bytes; a carriage return alone, as progress bars have it, ends a line too. */
class LineSplitter {
  private readonly onLine: (line: string) => void;
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";

  constructor(onLine: (line: string) => void) {
    this.onLine = onLine;
  }

  push(chunk: Buffer): void {
    const lines = (this.rest + this.decoder.write(chunk)).split(/\r\n|[\r\n]/);
    this.rest = (lines.pop() ?? "").slice(-longestLineCharacters);
    for (const line of lines) this.onLine(line);
  }

  end(): void {
    const last = this.rest + this.decoder.end();
    this.rest = "";
    if (last !== "") this.onLine(last);
  }
}

/** Sends the input. A command may end without reading it: its exit code tells. An input that fails ends the command. */
function feed({ stream }: Launched, input: HostCommandOptions["input"], gaveUp: AbortController): void {
  if (!(input instanceof Readable)) {
    stream.end(input);
    return;
  }
  let isOver = false;
  stream.once("close", () => {
    isOver = true;
    input.destroy();
  });
  pump(input, stream).catch((error: unknown) => {
    if (!isOver) gaveUp.abort(error);
  });
}

/** Not `pipeline`: that would throw away what the command has written when it does not want to read any more. */
async function pump(input: Readable, stream: Writable): Promise<void> {
  for await (const chunk of input) {
    if (!stream.writable) return;
    if (!stream.write(chunk)) await drained(stream);
  }
  stream.end();
}

async function drained(stream: Writable): Promise<void> {
  const done = new AbortController();
  const events = ["drain", "finish", "close"].map((event) => once(stream, event, { signal: done.signal }));
  await Promise.race(events).catch(() => {});
  done.abort();
}

function onceAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
