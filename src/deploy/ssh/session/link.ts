import { addAbortListener } from "node:events";
import { HostError, type LinkState } from "../../../contracts/hosts/host.ts";
import { delay, untilAborted } from "../../../core/async.ts";
import { systemClock } from "../../../core/clock.ts";
import { describeError } from "../../../core/errors.ts";
import { isLasting } from "../errors.ts";
import type { Client } from "./client.ts";

interface LinkOptions {
  readonly host: string;
  readonly description: string;
  /** Opens a connection, with a time-out of its own. */
  readonly open: (signal: AbortSignal) => Promise<Client>;
}

/** First wait before a lost connection is opened again; it doubles up to the longest. */
const firstWaitMs = 500;
const longestWaitMs = 10_000;
/** A host that does not come back within this is given up. */
const giveUpMs = 120_000;

/** A connection that is opened again when it is lost. */
export class Link implements AsyncDisposable {
  private readonly options: LinkOptions;
  private readonly listeners = new Set<(state: LinkState) => void>();
  private readonly closing = new AbortController();
  private current: Client | undefined;
  /** The connection that stands or is being opened; rejects once the host is given up. */
  private next: Promise<Client>;

  constructor(client: Client, options: LinkOptions) {
    this.options = options;
    this.next = this.use(client);
  }

  /**
   * The connection, once it stands.
   *
   * @throws HostError where the host was given up or the link closed; the signal's reason on abort
   */
  async client(signal: AbortSignal): Promise<Client> {
    for (;;) {
      const client = await untilAborted(this.next, signal);
      if (!client.lost.aborted) return client;
    }
  }

  onState(listener: (state: LinkState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { host, description } = this.options;
    const message = `Baleen closed the connection to ${description}.`;
    this.closing.abort(new HostError({ code: "host-closed", host, message }));
    this.current?.close();
    await this.next.catch(() => {});
  }

  private use(client: Client): Promise<Client> {
    this.current = client;
    addAbortListener(client.lost, () => {
      this.current = undefined;
      const { signal } = this.closing;
      this.next = signal.aborted ? Promise.reject(signal.reason) : this.reopen(client.lost.reason);
      // Told to whoever asks for the connection; that nobody does is no fault.
      this.next.catch(() => {});
    });
    return Promise.resolve(client);
  }

  private async reopen(cause: Error): Promise<Client> {
    const lostMs = systemClock.monotonicMs();
    this.notify({ state: "lost", reason: describeError(cause) });
    let error: unknown = cause;
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
      if (systemClock.monotonicMs() - lostMs + waitMs > giveUpMs) return this.giveUp(error);
      await delay(waitMs, this.closing.signal);
      try {
        const client = await this.options.open(this.closing.signal);
        this.closing.signal.throwIfAborted();
        this.next = this.use(client);
        this.notify({ state: "restored", afterMs: systemClock.monotonicMs() - lostMs });
        return client;
      } catch (failure) {
        this.closing.signal.throwIfAborted();
        error = failure;
        if (isLasting(failure)) return this.giveUp(failure);
      }
    }
  }

  private giveUp(cause: unknown): never {
    const { host, description } = this.options;
    const reason = describeError(cause);
    this.notify({ state: "given-up", reason });
    const message = `The connection to ${description} was lost, and could not be opened again: ${reason}`;
    throw new HostError({ code: "host-given-up", host, message }, { cause });
  }

  private notify(state: LinkState): void {
    for (const listener of this.listeners) listener(state);
  }
}
