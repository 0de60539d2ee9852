import { randomUUID } from "node:crypto";
import { PassThrough } from "node:stream";
import { HostError } from "../../../contracts/hosts/host.ts";
import { timeLimit, untilAborted, withinMs } from "../../../core/async.ts";
import { describeError, TimeoutError } from "../../../core/errors.ts";
import { nameCommand } from "../../../core/process/command.ts";
import { explainRefusal, silentHost } from "../errors.ts";
import { NotStartedError, type Session } from "./client.ts";
import { formatEnd, formatStart, type RemoteGroup, readGroup } from "./command-line.ts";
import type { Link } from "./link.ts";

export interface LaunchContext {
  readonly link: Link;
  readonly host: string;
  /** "node1 (ubuntu@10.0.1.11:22)". */
  readonly description: string;
  readonly isRoot: boolean;
  /** Longest wait for an answer that the host owes at once. */
  readonly timeoutMs: number;
}

interface LaunchOptions {
  readonly asRoot: boolean;
  readonly signal: AbortSignal;
  /** Is given the command before it can end. */
  readonly prepare?: ((launched: Launched) => void) | undefined;
}

export interface Launched extends Session {
  /**
   * The command's process group, once it runs; what was said instead where it ended without having been started.
   * Rejects where a flood came instead.
   */
  readonly started: Promise<RemoteGroup | string>;
  readonly isLost: () => boolean;
  /** Ends all processes of the group; resolves when they are gone, the host cannot be reached, or the time is over. */
  readonly end: (limitMs?: number) => Promise<void>;
}

/** Longest wait for a host to say that a command has ended that was to be ended. */
const endLimitMs = 20_000;
/** Longest wait, on abort, for a session that is being opened, or a command that is being started. */
const abortGraceMs = 2000;
/** What a login shell may say before the command's own first line. */
const longestNoiseBytes = 256 * 1024;

/**
 * Starts a command, once the connection stands and has room for it.
 *
 * @returns once it runs, or has ended without having been started
 * @throws HostError where the host is given up or does not answer; the signal's reason on abort
 */
export async function launch(
  context: LaunchContext,
  argv: readonly string[],
  options: LaunchOptions,
): Promise<Launched> {
  const launched = await openCommand(context, argv, options);
  const late = () => silentHost(context, `start ${argv[0]}`);
  using limit = timeLimit(context.timeoutMs, late);
  const { signal } = limit;
  try {
    await untilAborted(launched.started, AbortSignal.any([signal, options.signal]));
    return launched;
  } catch (error) {
    const ending = launched.end();
    // A host that is silent does not say either that a command has ended.
    const started = launched.started.then(() => true);
    if (options.signal.aborted && (await withinMs(abortGraceMs, started)) === true) await ending;
    throw error;
  }
}

async function openCommand(
  context: LaunchContext,
  argv: readonly string[],
  { asRoot, signal, prepare }: LaunchOptions,
): Promise<Launched> {
  const mark = `baleen-${randomUUID()}`;
  const viaSudo = asRoot && !context.isRoot;
  const line = formatStart(argv, { mark, viaSudo });
  for (;;) {
    const client = await context.link.client(signal);
    const attach = (session: Session): Launched => {
      const { stderr, started } = readStderr(context, session, mark);
      const end = (limitMs?: number) => endGroup(context, { session, started, viaSudo }, limitMs);
      const launched = { ...session, stderr, started, isLost: () => client.lost.aborted, end };
      prepare?.(launched);
      return launched;
    };
    const opening = client.openSession(line, { signal });
    try {
      return attach(await untilAborted(opening, signal));
    } catch (error) {
      if (signal.aborted) {
        // It may have been started all the same.
        await withinMs(
          abortGraceMs,
          opening.then((session) => attach(session).end()),
        );
        throw signal.reason;
      }
      if (error instanceof NotStartedError) continue;
      if (client.lost.aborted) throw connectionLost(context, nameCommand(argv), error);
      if (error instanceof TimeoutError) throw silentHost(context, `open a session for ${argv[0]}`);
      throw refuseSession(context, argv, error);
    }
  }
}

function refuseSession(
  { host, description }: LaunchContext,
  argv: readonly string[],
  error: unknown,
): HostError {
  const message = `${description} does not open a session for ${argv[0] ?? "a command"}: ${explainRefusal(error)}. Check MaxSessions and ForceCommand of its sshd.`;
  return new HostError({ code: "host-session-refused", host, message }, { cause: error });
}

function readStderr(
  { host, description }: LaunchContext,
  session: Session,
  mark: string,
): Pick<Launched, "stderr" | "started"> {
  const stderr = new PassThrough();
  stderr.on("error", () => {});
  const { promise: started, resolve, reject } = Promise.withResolvers<RemoteGroup | string>();
  started.catch(() => {});
  let before: Buffer | undefined = Buffer.alloc(0);
  session.stderr.on("data", (chunk: Buffer) => {
    if (before === undefined) {
      if (!stderr.write(chunk)) session.stderr.pause();
      return;
    }
    before = Buffer.concat([before, chunk]);
    const found = readGroup(before, mark);
    if (found === undefined && before.length < longestNoiseBytes) return;
    stderr.write(found?.rest ?? before);
    before = undefined;
    if (found !== undefined) return resolve(found.group);
    const message = `The login shell of ${description} wrote more than ${longestNoiseBytes / 1024} KiB to standard error before it started a command. Check its start-up files (~/.bashrc, ForceCommand of its sshd).`;
    reject(new HostError({ code: "host-session-refused", host, message }));
  });
  stderr.on("drain", () => session.stderr.resume());
  session.stderr.on("end", () => {
    // Never started: what was said is why (sudo, the shell).
    if (before !== undefined) stderr.write(before);
    resolve(before?.toString("utf8") ?? "");
    before = undefined;
    stderr.end();
  });
  return { stderr, started };
}

async function endGroup(
  { link }: LaunchContext,
  running: Pick<Launched, "started"> & { readonly session: Session; readonly viaSudo: boolean },
  limitMs = endLimitMs,
): Promise<void> {
  const { session, viaSudo } = running;
  const signal = AbortSignal.timeout(limitMs);
  try {
    const group = await untilAborted(running.started, signal);
    if (typeof group !== "string") {
      const client = await link.client(signal);
      const opening = client.openSession(formatEnd(group, viaSudo), { signal, urgent: true });
      const ending = await untilAborted(opening, signal);
      let saidBytes = 0;
      for (const output of [ending.stream, ending.stderr]) {
        output.on("data", (chunk: Buffer) => {
          saidBytes += chunk.length;
          if (saidBytes > longestNoiseBytes) ending.stream.destroy();
        });
      }
      ending.stream.end();
      await untilAborted(ending.ended, signal);
    }
  } catch {
    // It cannot be reached any more: that nobody can end it now is told by the link.
  } finally {
    session.stream.destroy();
  }
}

/**
 * Waits until a command runs.
 *
 * @throws HostError where sudo did not let it
 */
export async function untilStarted(context: LaunchContext, launched: Launched): Promise<void> {
  const started = await launched.started;
  const refusal = typeof started === "string" ? explainSudo(context, started) : undefined;
  if (refusal !== undefined) throw refusal;
}

/** What sudo says where it does not run a command at all; undefined where the text is none of sudo's. */
export function explainSudo({ host, description }: LaunchContext, stderr: string): HostError | undefined {
  const line = /^(?:.*: )?sudo(?:-rs)?: .*$/m.exec(stderr)?.[0].trim();
  if (line === undefined) {
    if (!/\bsudo\b.*not found|no such file.*\bsudo\b|\bsudo\b.*no such file/i.test(stderr)) return undefined;
    const message = `${description} has no sudo, which the user needs to act as root. Install it, or log in as root.`;
    return new HostError({ code: "host-sudo-refused", host, message });
  }
  if (/password|authentication|terminal/i.test(line)) {
    const message = `sudo asks for a password on ${description} (${line}). Let the user run all commands without one: NOPASSWD:ALL in /etc/sudoers.d.`;
    return new HostError({ code: "host-sudo-password", host, message });
  }
  const message = `sudo does not let the user of ${description} act as root (${line}). Add the user to sudoers, with NOPASSWD:ALL.`;
  return new HostError({ code: "host-sudo-refused", host, message });
}

/** A session that ended without a word of how the command did. */
export function howUnknown(
  context: LaunchContext,
  launched: Pick<Launched, "isLost">,
  argv: readonly string[],
): HostError {
  const command = nameCommand(argv);
  if (launched.isLost()) return connectionLost(context, command);
  const { host, description } = context;
  const message = `${description} closed the session of ${command} without an exit code, so whether it finished is unknown. Check the log of its sshd, and its ForceCommand.`;
  return new HostError({ code: "host-connection-lost", host, message });
}

/** The connection went away under a command. */
export function connectionLost(
  { host, description }: LaunchContext,
  command: string,
  error?: unknown,
): HostError {
  const why = error === undefined ? "" : ` (${describeError(error)})`;
  const message = `The connection to ${description} was lost while ${command} ran there${why}. Whether it finished is unknown.`;
  return new HostError({ code: "host-connection-lost", host, message }, { cause: error });
}
