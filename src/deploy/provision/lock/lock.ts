import { randomUUID } from "node:crypto";
import type { Host, HostProcess, LinkState } from "../../../contracts/hosts/host.ts";
import { delay, withinMs } from "../../../core/async.ts";
import { systemClock } from "../../../core/clock.ts";
import { type BaleenError, describeError } from "../../../core/errors.ts";
import { endProcess } from "../../../core/process/end.ts";
import {
  HostLockError,
  HostLockedError,
  type HostLockInfo,
  parseLockAnswer,
  silentShell,
  startHolder,
} from "./holder.ts";
import { buildReadArgv } from "./script.ts";

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
const readTimeoutMs = 30_000;
/** While the connection stands. */
const mostAttempts = 5;
const betweenAttemptsMs = 500;

/**
 * Takes a host for one run, whichever user the connection is of, until this is disposed of. The lock is a process on
 * the host, which ends with the connection, with this process, or a minute after the last sign of it.
 *
 * @throws HostLockedError where another run has it, HostLockError where it cannot be locked, what the connection
 *   throws, the signal's reason
 */
export async function lockHost(host: Host, options: LockOptions): Promise<AsyncDisposable> {
  const lock = new HeldLock(host, options);
  await lock.take(options.signal);
  return lock;
}

/** Who has the host; undefined where nobody does. Changes nothing. */
export async function readHostLock(
  host: Host,
  { signal, folder = usualFolder }: { readonly signal?: AbortSignal; readonly folder?: string },
): Promise<HostLockInfo | undefined> {
  const { stdout, stderr } = await host.exec(buildReadArgv(folder), {
    timeoutMs: readTimeoutMs,
    signal,
    allowFailure: true,
  });
  const answer = stdout
    .split("\n")
    .map(parseLockAnswer)
    .find((candidate) => candidate !== undefined);
  if (answer?.state === "free") return undefined;
  if (answer?.state === "busy") return answer.info ?? { run: "?", holder: "?", since: "?" };
  const said = stderr.trim() === "" ? silentShell : stderr.trim();
  throw new HostLockError(host, answer?.state === "failed" ? answer.why : said);
}

class HeldLock implements AsyncDisposable {
  private readonly host: Host;
  private readonly words: Parameters<typeof startHolder>[1];
  private readonly onLost: LockOptions["onLost"];
  private readonly released = new AbortController();
  private readonly stopListening: () => void;
  private readonly heart: NodeJS.Timeout;
  private holder: HostProcess | undefined;
  private link: LinkState | undefined;
  private onLinkChange: (() => void) | undefined;
  private recovery: Promise<void> | undefined;

  constructor(host: Host, { run, holder, onLost, folder = usualFolder }: LockOptions) {
    this.host = host;
    const since = new Date(systemClock.wallMs()).toISOString();
    this.words = { folder, id: randomUUID(), silenceSecs, info: { run, holder, since } };
    this.onLost = onLost;
    this.stopListening = host.onLink((state) => {
      this.link = state;
      this.onLinkChange?.();
    });
    this.heart = setInterval(() => this.holder?.stdin.write("\n"), heartbeatMs);
    this.heart.unref();
  }

  async take(signal: AbortSignal): Promise<void> {
    try {
      await this.start(signal);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await withinMs(recoveryMs, this.recovery ?? Promise.resolve());
    const holder = this.holder;
    this.holder = undefined;
    // The end of its input is what it waits for; it removes its files.
    if (holder !== undefined) await endProcess(holder);
  }

  private close(): void {
    this.released.abort();
    this.stopListening();
    clearInterval(this.heart);
  }

  private async start(signal: AbortSignal): Promise<void> {
    const holder = await startHolder(this.host, this.words, signal);
    this.holder = holder;
    void holder.ended.then(() => {
      if (this.holder !== holder) return;
      this.holder = undefined;
      this.recovery = this.recover();
    });
  }

  /** The holder has ended unasked: it is started again as soon as the connection stands. */
  private async recover(): Promise<void> {
    const { signal } = this.released;
    let error: unknown;
    for (let attempts = 0; attempts < mostAttempts && !signal.aborted; attempts++) {
      if (await this.linkChanged()) attempts = 0;
      if (signal.aborted) return;
      if (this.link?.state === "given-up") {
        return this.lose(new HostLockError(this.host, `the connection was given up: ${this.link.reason}`));
      }
      try {
        return await this.start(signal);
      } catch (failure) {
        if (failure instanceof HostLockedError) return this.lose(failure);
        error = failure;
      }
      await delay(betweenAttemptsMs, signal).catch(() => {});
    }
    if (signal.aborted) return;
    const why = `the lock was lost, and cannot be taken again: ${describeError(error)}`;
    this.lose(new HostLockError(this.host, why, { cause: error }));
  }

  /** Waits while the connection is lost. @returns whether there was anything to wait for */
  private async linkChanged(): Promise<boolean> {
    const { signal } = this.released;
    let waited = false;
    while (this.link?.state === "lost" && !signal.aborted) {
      waited = true;
      await new Promise<void>((resolve) => {
        this.onLinkChange = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    return waited;
  }

  private lose(error: BaleenError): void {
    this.close();
    this.onLost?.(error);
  }
}
