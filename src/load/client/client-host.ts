import { MessageChannel } from "node:worker_threads";
import { systemClock } from "../../core/clock.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import type { ClientCommand, ClientMessage, ProtocolName } from "../messages/messages.ts";
import { secondTally } from "../messages/report-codec.ts";
import { planObserver } from "../observe/observer-plan.ts";
import type { ClientPlan } from "../plan/client-plan.ts";
import { SecondMerger } from "../tally/merge-seconds.ts";
import { failureOf, type ThreadMessage } from "./thread-messages.ts";
import type { StartThread, TaskThread } from "./threads.ts";

/** Runs clients as it is commanded: one run. What it has to say, it says through `tell`. */
export class ClientHost {
  readonly #startsThreads: (protocol: ProtocolName) => StartThread;
  readonly #notify: (message: ClientMessage) => void;
  #run: HostedRun | undefined;

  constructor(
    startsThreads: (protocol: ProtocolName) => StartThread,
    notify: (message: ClientMessage) => void,
  ) {
    this.#startsThreads = startsThreads;
    this.#notify = notify;
  }

  /** Does what is commanded, but for `stop`, which is its owner's: see `end`. Never throws. */
  command(command: ClientCommand): void {
    try {
      this.#follow(command);
    } catch (error) {
      this.#notify(failureOf(error));
    }
  }

  /** Ends what there is of a run; resolves when its threads have ended. */
  async end(): Promise<void> {
    await this.#run?.end();
  }

  #follow(command: ClientCommand): void {
    if (command.type === "clock") {
      const [monotonicMs, wallMs] = [systemClock.monotonicMs(), systemClock.wallMs()];
      this.#notify({ type: "clock", id: command.id, monotonicMs, wallMs });
    } else if (command.type === "prepare") {
      if (this.#run !== undefined) throw new InvalidArgumentError("A process runs clients only once.");
      this.#run = new HostedRun(command.plans, this.#startsThreads(command.protocol), this.#notify);
    } else if (command.type === "start") {
      if (this.#run === undefined) throw new InvalidArgumentError("No prepared client can start.");
      this.#run.start(command.windowStartMonotonicMs);
    }
  }
}

/** The threads of one run: one for each client, and one that watches commits for all of them. */
class HostedRun {
  readonly #notify: (message: ClientMessage) => void;
  readonly #rows: SecondMerger<number>;
  readonly #observer: TaskThread;
  /** Of the observer and of all clients. */
  readonly #threads: readonly TaskThread[];
  readonly #notes: string[] = [];
  #unready: number;
  readonly #underWay: Set<number>;
  #hasEnded = false;

  constructor(
    plans: readonly ClientPlan[],
    startThread: StartThread,
    notify: (message: ClientMessage) => void,
  ) {
    const [first, ...others] = plans;
    if (first === undefined) throw new InvalidArgumentError("A run has at least one client.");
    this.#notify = notify;
    this.#underWay = new Set(plans.map(({ client }) => client));
    this.#unready = plans.length + 1;
    this.#rows = new SecondMerger([...this.#underWay], (row) => {
      notify({ type: "second", second: secondTally.encode(row) });
    });
    const channels = plans.map((plan) => {
      const { port1, port2 } = new MessageChannel();
      return { plan, port1, port2 };
    });
    this.#observer = startThread(
      {
        role: "observer",
        plan: planObserver([first, ...others]),
        commits: channels.map(({ port1 }) => port1),
      },
      (message) => this.#onMessage(message),
    );
    const clients = channels.map(({ plan, port2: commits }) =>
      startThread({ role: "client", plan, commits }, (message) => this.#onMessage(message, plan.client)),
    );
    this.#threads = [this.#observer, ...clients];
  }

  start(windowStartMs: number): void {
    for (const thread of this.#threads) thread.send({ type: "start", windowStartMs });
  }

  async end(): Promise<void> {
    this.#hasEnded = true;
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  /** @param client absent: the observer */
  #onMessage(message: ThreadMessage, client?: number): void {
    if (this.#hasEnded) return;
    const isObserver = client === undefined;
    if (message.type === "ready") this.#onReady(message.notes);
    else if (message.type === "event") this.#notify({ type: "event", client, body: message.body });
    else if (message.type === "failed") {
      if (isObserver || this.#underWay.has(client)) this.#last({ ...message, client });
    } else if (message.type === "second") {
      if (!isObserver) this.#rows.notify(client, secondTally.decode(message.second, "second"));
    } else if (!isObserver) this.#onReport(client, message.report);
    else this.#last({ type: "observed", report: message.report });
  }

  #last(message: ClientMessage): void {
    this.#hasEnded = true;
    this.#notify(message);
  }

  #onReady(notes: readonly string[]): void {
    this.#notes.push(...notes);
    this.#unready--;
    if (this.#unready === 0) this.#notify({ type: "ready", notes: [...new Set(this.#notes)] });
  }

  #onReport(client: number, report: unknown): void {
    this.#underWay.delete(client);
    this.#rows.leave(client);
    this.#notify({ type: "sent", client, report });
    if (this.#underWay.size === 0) this.#observer.send({ type: "finish" });
  }
}
