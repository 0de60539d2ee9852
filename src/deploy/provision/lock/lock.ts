import { randomUUID } from "node:crypto";
import { addAbortListener } from "node:events";
import { type Host, HostError, type HostProcess, type LinkState } from "../../../contracts/hosts/host.ts";
import { delay, withinMs } from "../../../core/async.ts";
import { systemClock } from "../../../core/clock.ts";
import { type BaleenError, describeError } from "../../../core/errors.ts";
import { endProcess } from "../../../core/process/end.ts";
import {
  type HostLockInfo,
  lockError,
  parseLockAnswer,
  parseStale,
  scriptError,
  startHolder,
} from "./holder.ts";
import { buildLockArgv } from "./script.ts";

export interface LockOptions extends Pick<HostLockInfo, "run" | "holder"> {
  /** Gives up the waiting; a lock that is held stays, until it is disposed of. */
  readonly signal: AbortSignal;
  /**
   * Told once when the lock is lost for good: another run has the host now, or it cannot be reached any more. A lost
   * connection that stands again takes the lock again, which is not told.
   */
  readonly onLost?: (error: BaleenError) => void;
  /** Where the lock lies on the host: the same for all who are to exclude each other. Default: /tmp. */
  readonly folder?: string;
}

const usualFolder = "/tmp";
const heartbeatMs = 15_000;
const silenceSecs = 60;
/** How long a release waits for an attempt to take the lock again, which sees that it is not wanted any more. */
const recoveryMs = 5000;
/** While the connection stands. */
const mostAttempts = 5;
const betweenAttemptsMs = 500;

/**
 * Takes a host for one run, whichever user the connection is of, until this is disposed of. The lock is a process on
 * the host, which ends with the connection, with this process, or a minute after the last sign of it.
 *
 * @throws HostError where another run has it or it cannot be locked, what the connection throws, the signal's reason
 */
export async function lockHost(host: Host, options: LockOptions): Promise<AsyncDisposable> {
  const { run, holder, signal, onLost, folder = usualFolder } = options;
  const since = new Date(systemClock.wallMs()).toISOString();
  const words = { folder, id: randomUUID(), silenceSecs, info: { run, holder, since } };
  const released = new AbortController();
  let held: HostProcess | undefined;
  let recovery: Promise<void> | undefined;
  const link = followLink(host, released.signal);
  const heart = setInterval(() => held?.stdin.write("\n"), heartbeatMs).unref();
  const close = () => {
    released.abort();
    clearInterval(heart);
  };
  const start = async (abort: AbortSignal) => {
    const process = await startHolder(host, words, abort);
    held = process;
    void process.ended.then(() => {
      if (held !== process) return;
      held = undefined;
      recovery = recover();
    });
  };
  /** The holder has ended unasked: it is started again as soon as the connection stands. */
  const recover = async () => {
    const error = await whyLost(host, link, () => start(released.signal));
    if (error === undefined || released.signal.aborted) return;
    close();
    onLost?.(error);
  };
  try {
    await start(signal);
  } catch (error) {
    close();
    throw error;
  }
  return {
    [Symbol.asyncDispose]: async () => {
      close();
      await withinMs(recoveryMs, recovery ?? Promise.resolve());
      const process = held;
      held = undefined;
      // The end of its input is what it waits for; it removes its files.
      if (process !== undefined) await endProcess(process);
    },
  };
}

type FollowedLink = ReturnType<typeof followLink>;

function followLink(host: Host, released: AbortSignal) {
  let state: LinkState | undefined;
  let onChange = () => {};
  const stopListening = host.onLink((now) => {
    state = now;
    onChange();
  });
  addAbortListener(released, () => {
    stopListening();
    onChange();
  });
  return {
    released,
    state: () => state,
    /** Waits while the connection is lost. @returns whether there was anything to wait for */
    untilBack: async (): Promise<boolean> => {
      const wasLost = state?.state === "lost";
      while (state?.state === "lost" && !released.aborted) {
        await new Promise<void>((resolve) => {
          onChange = resolve;
        });
      }
      return wasLost;
    },
  };
}

/** Starts the holder again. @returns why it cannot be had any more; undefined: it is, or is not wanted */
async function whyLost(
  host: Host,
  { released, state, untilBack }: FollowedLink,
  start: () => Promise<void>,
): Promise<BaleenError | undefined> {
  let error: unknown;
  for (let attempts = 0; attempts < mostAttempts && !released.aborted; attempts++) {
    if (await untilBack()) attempts = 0;
    if (released.aborted) return undefined;
    const link = state();
    if (link?.state === "given-up") return lockError(host, `the connection was given up: ${link.reason}`);
    try {
      await start();
      return undefined;
    } catch (failure) {
      if (failure instanceof HostError && failure.code === "host-locked") return failure;
      // We have hung up ourselves.
      if (failure instanceof HostError && failure.code === "host-closed") return undefined;
      error = failure;
    }
    await delay(betweenAttemptsMs, released).catch(() => {});
  }
  const why = `the lock was lost, and cannot be taken again: ${describeError(error)}`;
  return lockError(host, why, error);
}

/** A file that a killed holder left in the lock's folder; `run` is "?" where nothing says whose it was. */
export interface StaleLockFile {
  readonly path: string;
  readonly run: string;
}

interface LockView {
  /** Who has the host; undefined: nobody does. */
  readonly holder?: HostLockInfo | undefined;
  readonly stale: readonly StaleLockFile[];
}

interface ViewOptions {
  readonly signal?: AbortSignal;
  readonly folder?: string;
}

/**
 * Who has the host, and which files of killed holders lie there, as far as this user may remove them.
 *
 * @param task "list" changes nothing, "sweep" removes those files
 */
export async function viewHostLock(
  host: Pick<Host, "name" | "description" | "exec" | "timeoutMs">,
  task: "read" | "list" | "sweep",
  { signal, folder = usualFolder }: ViewOptions = {},
): Promise<LockView> {
  const { stdout, stderr } = await host.exec(buildLockArgv(task, folder), {
    timeoutMs: host.timeoutMs,
    signal,
    allowFailure: true,
  });
  const lines = stdout.split("\n");
  const answer = lines.map(parseLockAnswer).find((candidate) => candidate !== undefined);
  const stale = nameRuns(lines.flatMap((line) => parseStale(line) ?? []));
  if (answer?.state === "free") return { stale };
  if (answer?.state === "busy")
    return { holder: answer.info ?? { run: "?", holder: "?", since: "?" }, stale };
  throw scriptError(host, answer, stderr);
}

/** The lock file itself does not say whose it was: what lies beside it does. */
function nameRuns(files: readonly { path: string; run?: string | undefined }[]): StaleLockFile[] {
  const known = files.find(({ run }) => run !== undefined)?.run ?? "?";
  return files.map(({ path, run = known }) => ({ path, run }));
}

/** Who has the host; undefined where nobody does. Changes nothing. */
export async function readHostLock(host: Host, options: ViewOptions): Promise<HostLockInfo | undefined> {
  return (await viewHostLock(host, "read", options)).holder;
}
