import { createHistogram } from "node:perf_hooks";
import { cpuUsage } from "node:process";
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import { fixedBuffer, type Libc } from "../kernel/libc.ts";
import { Poller } from "../kernel/poller.ts";
import { Receiver } from "../kernel/receiver.ts";
import { DueHeap } from "../link/due-heap.ts";
import { Target } from "./target.ts";
import type { LinkSettings, QueueCommand, TargetPlan, ThreadMessage } from "./thread-messages.ts";

type Attach = Extract<QueueCommand, { type: "attach" }>;

export interface LoopOptions {
  readonly libc: Libc;
  readonly settings: LinkSettings;
  readonly clock: Clock;
  readonly commands: MessagePort;
  readonly tell: (message: ThreadMessage) => void;
}

/** Released at once, before the queues are read again. */
const batchLength = 64;
const secondMs = 1000;

/**
 * Holds packets until they are due. It never gives way to the event loop of its thread, which would cost precision:
 * commands come over a port that it reads itself.
 */
export class ShaperLoop {
  readonly #options: LoopOptions;
  /** A target keeps its index: packets that wait have it. */
  readonly #targets: Target[] = [];
  readonly #heap = new DueHeap();
  readonly #receiver: Receiver;
  readonly #poller: Poller;
  readonly #lateUs = createHistogram({ lowest: 1, highest: 60_000_000, figures: 3 });
  readonly #dueMs = new Float64Array(batchLength);
  readonly #time = fixedBuffer(16);
  #released = 0;
  #reportAtMs = 0;
  #cpu = cpuUsage();
  #isStopping = false;
  #patienceMs = Infinity;
  /** When the patience of targets ends. */
  #lookAtMs = 0;
  /** Whether it is known which sockets are readable. */
  #hasLooked = false;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#receiver = new Receiver(options.libc);
    this.#poller = new Poller(options.libc);
  }

  /** A byte written to this descriptor makes the loop read its commands. */
  get wakeDescriptor(): number {
    return this.#poller.wakeDescriptor;
  }

  /** Runs until a stop command. Then it releases all waiting packets and closes the queues. */
  run(): void {
    const { clock } = this.#options;
    this.#beginSecond(clock.monotonicMs());
    while (!this.#isStopping) {
      const isWoken = this.#wait(clock.monotonicMs());
      // Sockets change with commands: these are read in the next round.
      if (isWoken && this.#readCommands()) continue;
      const nowMs = clock.monotonicMs();
      this.#read(nowMs);
      this.#release(nowMs);
      if (nowMs >= this.#reportAtMs) this.#reportSecond(nowMs);
    }
    for (const [i, target] of this.#targets.entries()) this.#readNow(i, target);
    this.#release(Infinity);
    this.#reportSecond(clock.monotonicMs());
    for (const { queue } of this.#targets) queue.close();
    this.#poller.close();
  }

  /**
   * As long as packets wait, others are looked for after their target's patience, many at once: the kernel stamps their
   * arrival, and a wake to release one packet need not read another.
   *
   * @returns whether a command has come
   */
  #wait(nowMs: number): boolean {
    const dueMs = Math.min(this.#heap.firstDueMs, this.#reportAtMs);
    this.#hasLooked = this.#heap.size === 0;
    if (this.#hasLooked) return this.#poller.wait(dueMs - nowMs);
    if (this.#poller.waitUrgent(Math.min(dueMs, this.#lookAtMs) - nowMs)) return true;
    this.#hasLooked = this.#poller.hasUrgent || this.#options.clock.monotonicMs() >= this.#lookAtMs;
    return this.#hasLooked && this.#poller.wait(0);
  }

  #read(nowMs: number): void {
    if (!this.#hasLooked) return;
    this.#lookAtMs = nowMs + this.#patienceMs;
    for (let i = 0; i < this.#targets.length; i++) {
      if (this.#poller.isReadable(i)) this.#targets[i]?.read(i, nowMs, this.#receiver, this.#heap);
      else this.#targets[i]?.sawEmpty(nowMs);
    }
  }

  /** Without asking whether there is anything. */
  #readNow(index: number, target: Target): void {
    target.read(index, this.#options.clock.monotonicMs(), this.#receiver, this.#heap);
  }

  #watch(): void {
    const socketsOf = (targets: readonly Target[]) => targets.map(({ queue }) => queue.socket);
    const patient = this.#targets.filter(({ patienceMs }) => patienceMs > 0);
    this.#patienceMs = Math.min(Infinity, ...patient.map(({ patienceMs }) => patienceMs));
    this.#lookAtMs = 0;
    this.#poller.watch(
      socketsOf(this.#targets),
      socketsOf(this.#targets.filter((target) => !patient.includes(target))),
    );
  }

  /** Lets through what is due by then. */
  #release(untilMs: number): void {
    do {
      let count = 0;
      while (count < batchLength && this.#heap.firstDueMs <= untilMs && this.#heap.size > 0) {
        this.#dueMs[count++] = this.#heap.firstDueMs;
        this.#targets[this.#heap.firstTarget]?.accept(this.#heap.firstPacket);
        this.#heap.removeFirst();
      }
      for (const { queue } of this.#targets) queue.flush();
      this.#released += count;
      if (count === 0) return;
      const sentMs = this.#options.clock.monotonicMs();
      for (let i = 0; i < count && !this.#isStopping; i++) {
        this.#lateUs.record(Math.max(1, Math.round((sentMs - (this.#dueMs[i] as number)) * 1000)));
      }
    } while (this.#heap.firstDueMs <= untilMs && this.#isStopping);
  }

  /** @returns whether there was any */
  #readCommands(): boolean {
    for (let count = 0; ; count++) {
      const received = receiveMessageOnPort(this.#options.commands);
      if (received === undefined) return count > 0;
      const command = received.message as QueueCommand;
      if (command.type === "stop") this.#isStopping = true;
      else this.#obey(command);
    }
  }

  #obey(command: Exclude<QueueCommand, { type: "stop" }>): void {
    const { tell, clock } = this.#options;
    const { id } = command;
    try {
      if (command.type === "attach") this.#attach(command);
      else {
        // What arrived before is shaped as it was then.
        for (const [i, target] of this.#targets.entries()) this.#readNow(i, target);
        for (const { from, to, ...shape } of command.changes) {
          this.#targets.find(({ name }) => name === to)?.setShape(from, shape);
        }
        this.#watch();
      }
      tell({ type: "done", id, atMs: clock.monotonicMs() });
    } catch (error) {
      tell({ type: "failed", id, reason: describeError(error) });
    }
  }

  /** @throws ShaperError where a queue cannot be taken */
  #attach({ targets, senders }: Attach): void {
    for (const sender of senders) for (const target of this.#targets) target.setSender(sender);
    try {
      for (const plan of targets) this.#open(plan);
    } finally {
      this.#watch();
    }
  }

  #open(plan: TargetPlan): void {
    const { libc, settings, clock } = this.#options;
    const known = this.#targets.findIndex(({ name }) => name === plan.name);
    const old = this.#targets[known];
    const target = new Target(libc, plan, settings);
    target.wallOffsetMs = this.#wallMs() - clock.monotonicMs();
    if (old !== undefined) {
      this.#readNow(known, old);
      this.#heap.removeTarget(known, (packet) => old.accept(packet));
      old.queue.flush();
      old.queue.close();
    }
    this.#targets[known < 0 ? this.#targets.length : known] = target;
    target.queue.bind(this.#receiver);
  }

  #reportSecond(nowMs: number): void {
    const { user, system } = cpuUsage(this.#cpu);
    const late = this.#lateUs;
    const targets = this.#targets.map((target) => target.takeCounts());
    const total = (of: "stamped" | "errors") => targets.reduce((sum, counts) => sum + counts[of], 0);
    this.#options.tell({
      type: "report",
      report: {
        type: "second",
        atMs: nowMs,
        released: this.#released,
        stamped: total("stamped"),
        errors: total("errors"),
        ...(late.count > 0 && {
          lateP50Us: late.percentile(50),
          lateP99Us: late.percentile(99),
          lateMaxUs: late.max,
        }),
        cpuMs: (user + system) / 1000,
        targets,
      },
    });
    this.#beginSecond(nowMs);
  }

  #beginSecond(nowMs: number): void {
    this.#cpu = cpuUsage();
    this.#released = 0;
    this.#lateUs.reset();
    this.#reportAtMs = nowMs + secondMs;
    const offsetMs = this.#wallMs() - this.#options.clock.monotonicMs();
    for (const target of this.#targets) target.wallOffsetMs = offsetMs;
  }

  /** With microseconds, as the stamps of packets have them. */
  #wallMs(): number {
    this.#options.libc.clock_gettime(0, this.#time);
    return Number(this.#time.readBigInt64LE(0)) * 1000 + this.#time.readUInt32LE(8) / 1e6;
  }
}
