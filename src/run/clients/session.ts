import { coordinatorName } from "../../contracts/hosts/host-load.ts";
import type { Clock } from "../../core/clock.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import {
  type ClientLink,
  type ClientMessage,
  type ClientPlacement,
  messagesVersion,
  type ProtocolName,
} from "../../load/messages/messages.ts";
import { observerReport, secondTally, senderReport } from "../../load/messages/report-codec.ts";
import type { ClientPlan, ObserverReport, SenderReport } from "../../load/plan/client-plan.ts";
import type { SecondTally } from "../../load/tally/second-tally.ts";

/** Clients of a place cannot do a run, or not go on with it. */
export class ClientPlaceError extends BaleenError {
  /** Without the place's name. */
  readonly reason: string;

  constructor(host: string, reason: string, cause: unknown) {
    super("clients", `The clients on ${host} failed: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** Where a place's monotonic clock stands. */
interface ClockOffset {
  /** Its clock minus this one. */
  readonly offsetMs: number;
  /** The true difference lies within ± this. */
  readonly errorMs: number;
  readonly roundTripMs: number;
}

export interface SessionListener {
  readonly second: (row: SecondTally) => void;
  readonly event: (message: Extract<ClientMessage, { readonly type: "event" }>) => void;
}

export interface SessionReports {
  /** By the number of the client. */
  readonly sent: ReadonlyMap<number, SenderReport>;
  readonly observed: ObserverReport;
}

export interface FinishOptions {
  /** Until the load ends. They say something every second, and are lost where they do not for a while. */
  readonly loadMs: number;
  /** Until the last report has come. */
  readonly timeoutMs: number;
}

type Kind = ClientMessage["type"];
type Of<K extends Kind> = Extract<ClientMessage, { readonly type: K }>;

/** Answers come at once. */
const answerTimeoutMs = 10_000;
/** For distant subscriptions and connections; of transactions made ahead, since the last word on how many there are. */
const prepareTimeoutMs = 60_000;
/** Rows come each second of the load; those of other places wait for them in memory. */
const silenceLimitSecs = 10;
/** The one with the shortest round trip counts. */
const clockExchanges = 16;

/**
 * The clients of one place, as the coordinator speaks with them. What goes wrong there rejects what is waited for with
 * a ClientPlaceError; so does disposing, which ends them.
 */
export class ClientSession implements AsyncDisposable {
  readonly placement: ClientPlacement;
  readonly plans: readonly ClientPlan[];
  /** As its clock was compared; the coordinator's own processes have its clock. */
  clock: ClockOffset = { offsetMs: 0, errorMs: 0, roundTripMs: 0 };
  readonly #link: ClientLink;
  readonly #listener: SessionListener;
  readonly #sent = new Map<number, SenderReport>();
  /** Clients whose report has not come. */
  readonly #owing = new Set<number>();
  /** Answers that nobody has asked for yet. */
  readonly #unclaimed: ClientMessage[] = [];
  /** The first one; nothing that comes after it counts. */
  #failure: BaleenError | undefined;
  #wake: () => void = () => {};
  /** Since the last message. */
  #silentSecs = 0;
  #limit: NodeJS.Timeout | undefined;

  constructor(
    { placement, plans }: { readonly placement: ClientPlacement; readonly plans: readonly ClientPlan[] },
    link: ClientLink,
    listener: SessionListener,
  ) {
    this.placement = placement;
    this.plans = plans;
    this.#link = link;
    this.#listener = listener;
    link.listen({
      message: (message) => this.#take(message),
      lost: (reason) => this.#fail(reason),
    });
  }

  /** Opens the clients. @returns what a person should know */
  async prepare(protocol: ProtocolName): Promise<readonly string[]> {
    const { version } = await this.#next("hello", answerTimeoutMs);
    if (version !== messagesVersion) {
      this.#fail(
        `they use version ${version} of the messages, not ${messagesVersion}; use the same build for both`,
      );
    }
    for (const { client } of this.plans) this.#owing.add(client);
    this.#link.send({ type: "prepare", protocol, plans: this.plans });
    return (await this.#next("ready", prepareTimeoutMs)).notes;
  }

  /** Compares clocks over the link. */
  async compareClocks(clock: Clock): Promise<void> {
    if (this.placement.host === coordinatorName) return;
    let shortestMs = Number.POSITIVE_INFINITY;
    for (let id = 0; id < clockExchanges; id++) {
      const askedMs = clock.monotonicMs();
      this.#link.send({ type: "clock", id });
      const { monotonicMs } = await this.#next("clock", answerTimeoutMs);
      const roundTripMs = clock.monotonicMs() - askedMs;
      if (roundTripMs >= shortestMs) continue;
      shortestMs = roundTripMs;
      const errorMs = roundTripMs / 2;
      this.clock = { offsetMs: monotonicMs - askedMs - errorMs, errorMs, roundTripMs };
    }
  }

  /** @param windowStartMs on the coordinator's monotonic clock */
  start(windowStartMs: number): void {
    this.#link.send({ type: "start", windowStartMonotonicMs: windowStartMs + this.clock.offsetMs });
  }

  /** Resolves with all reports: one of each client that was prepared, and the observer's. */
  async finish({ loadMs, timeoutMs }: FinishOptions): Promise<SessionReports> {
    using _watch = this.#watch(loadMs);
    const { report } = await this.#next("observed", timeoutMs);
    const owing = [...this.#owing].map((client) => `client${client}`);
    if (owing.length > 0) throw this.#failureOf(`they ended without a report of ${owing.join(", ")}`);
    try {
      return { sent: this.#sent, observed: observerReport.decode(report, "observed") };
    } catch (error) {
      throw this.#failureOf(describeError(error), error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#failure ??= new BaleenError("clients", `The clients on ${this.placement.host} were ended.`);
    this.#wake();
    await this.#link[Symbol.asyncDispose]();
  }

  /** Seconds are counted as they are lived through: where this process itself stood still, silence proves nothing. */
  #watch(lengthMs: number): Disposable {
    this.#silentSecs = 0;
    let leftSecs = Math.floor(lengthMs / 1000);
    const timer = setInterval(() => {
      if (--leftSecs < 0) clearInterval(timer);
      else if (++this.#silentSecs >= silenceLimitSecs)
        this.#fail(`they sent nothing for ${silenceLimitSecs} s`);
    }, 1000);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  #take(message: ClientMessage): void {
    this.#silentSecs = 0;
    try {
      if (message.type === "second") this.#listener.second(secondTally.decode(message.second, "second"));
      else if (message.type === "event") this.#takeEvent(message);
      else if (message.type === "sent") this.#takeReport(message);
      else if (message.type === "failed") this.#fail(nameClient(message));
      else {
        this.#unclaimed.push(message);
        this.#wake();
      }
    } catch (error) {
      this.#fail(describeError(error), error);
    }
  }

  #takeEvent(message: Of<"event">): void {
    if (message.body.type === "transactions-made") this.#limit?.refresh();
    this.#listener.event(message);
  }

  #takeReport({ client, report }: Of<"sent">): void {
    const name = `client${client}`;
    const decoded = senderReport.decode(report, `report of ${name}`);
    if (!this.#owing.delete(client)) this.#fail(`they sent an unexpected report of ${name}`);
    this.#sent.set(client, decoded);
  }

  #fail(reason: string, cause?: unknown): void {
    this.#failure ??= this.#failureOf(reason, cause);
    this.#wake();
  }

  #failureOf(reason: string, cause?: unknown): ClientPlaceError {
    return new ClientPlaceError(this.placement.host, reason, cause);
  }

  /** The next message, which is of that kind: one comes for each that is waited for. */
  async #next<K extends Kind>(type: K, timeoutMs: number): Promise<Of<K>> {
    let isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      this.#wake();
    }, timeoutMs);
    this.#limit = limit;
    try {
      for (;;) {
        if (this.#failure !== undefined) throw this.#failure;
        const message = this.#unclaimed.shift();
        if (message?.type === type) return message as Of<K>;
        if (message !== undefined) this.#fail(`they sent "${message.type}" instead of "${type}"`);
        else if (isLate) this.#fail(`they did not send "${type}" within ${timeoutMs / 1000} s`);
        if (this.#failure !== undefined) continue;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(limit);
    }
  }
}

function nameClient({ client, message }: Of<"failed">): string {
  return client === undefined ? message : `client${client}: ${message}`;
}
