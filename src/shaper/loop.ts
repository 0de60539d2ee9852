import { createHistogram } from "node:perf_hooks";
import { cpuUsage } from "node:process";
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { ShaperCommand, ShaperConfiguration, ShaperReport } from "../contracts/links/shaper.ts";
import type { Clock } from "../core/clock.ts";
import { fixedBuffer, type Libc } from "./kernel/libc.ts";
import { Poller } from "./kernel/poller.ts";
import { Receiver } from "./kernel/receiver.ts";
import { DueHeap } from "./link/due-heap.ts";
import { Target } from "./target.ts";

type SetCommand = Extract<ShaperCommand, { type: "set" }>;

export interface LoopOptions {
  readonly libc: Libc;
  readonly configuration: ShaperConfiguration;
  readonly clock: Clock;
  readonly commands: MessagePort;
  readonly report: (report: ShaperReport) => void;
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
  readonly #targets: readonly Target[];
  readonly #heap = new DueHeap();
  readonly #receiver: Receiver;
  readonly #poller: Poller;
  readonly #lateUs = createHistogram({ lowest: 1, highest: 60_000_000, figures: 3 });
  readonly #dueMs = new Float64Array(batchLength);
  readonly #time = fixedBuffer(16);
  #scheduled: readonly SetCommand[] = [];
  #released = 0;
  #reportAtMs = 0;
  #cpu = cpuUsage();
  #isStopping = false;

  /** Opens all queues. @throws ShaperError where one cannot be taken */
  constructor(options: LoopOptions) {
    const { libc, configuration } = options;
    this.#options = options;
    this.#receiver = new Receiver(libc);
    this.#targets = configuration.targets.map((target) => new Target(libc, target, configuration));
    this.#poller = new Poller(
      libc,
      this.#targets.map(({ queue }) => queue.socket),
    );
    for (const { queue } of this.#targets) queue.bind(this.#receiver);
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
      let nowMs = clock.monotonicMs();
      const firstMs = this.#scheduled[0]?.atMs ?? Infinity;
      const wakeMs = Math.min(this.#heap.firstDueMs, this.#reportAtMs, firstMs);
      const isWoken = this.#poller.wait(wakeMs - nowMs);
      if (isWoken) this.#readCommands();
      nowMs = clock.monotonicMs();
      this.#applyChanges(nowMs);
      for (let i = 0; i < this.#targets.length; i++) {
        if (this.#poller.isReadable(i)) this.#targets[i]?.read(i, nowMs, this.#receiver, this.#heap);
        else this.#targets[i]?.sawEmpty(nowMs);
      }
      this.#release(nowMs);
      if (nowMs >= this.#reportAtMs) this.#reportSecond(nowMs);
    }
    this.#release(Infinity);
    this.#reportSecond(clock.monotonicMs());
    for (const { queue } of this.#targets) queue.close();
    this.#poller.close();
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

  #readCommands(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#options.commands);
      if (received === undefined) return;
      const command = received.message as ShaperCommand;
      if (command.type === "stop") this.#isStopping = true;
      else this.#scheduled = [...this.#scheduled, command].sort((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0));
    }
  }

  #applyChanges(nowMs: number): void {
    for (let next = this.#scheduled[0]; next && (next.atMs ?? 0) <= nowMs; next = this.#scheduled[0]) {
      this.#scheduled = this.#scheduled.slice(1);
      for (const { target, source, shape } of next.changes) {
        this.#targets.find(({ name }) => name === target)?.setShape(source, shape);
      }
      this.#options.report({ type: "changed", id: next.id, atMs: this.#options.clock.monotonicMs() });
    }
  }

  #reportSecond(nowMs: number): void {
    const { user, system } = cpuUsage(this.#cpu);
    const late = this.#lateUs;
    const targets = this.#targets.map((target) => target.takeCounts());
    const total = (of: "stamped" | "errors") => targets.reduce((sum, counts) => sum + counts[of], 0);
    this.#options.report({
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
