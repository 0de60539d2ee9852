import type { EventBody } from "../../contracts/events.ts";
import type {
  EnvironmentReport,
  HostSecond,
  Machine,
  NodeSecond,
  OwnProcess,
} from "../../contracts/hosts/host-load.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import { delay, withinMs } from "../../core/async.ts";
import type { Clock } from "../../core/clock.ts";
import type { PhaseLengths } from "../../load/level/phases.ts";
import { LateSeconds } from "../../metrics/hosts/late-seconds.ts";
import { type MachineReader, openHostReader, openLocalReader } from "../../metrics/hosts/reader.ts";
import type { MachineSample } from "../../metrics/hosts/sample.ts";
import { differ, differNodes } from "../../metrics/hosts/second.ts";
import { reportEnvironment, SecondsTally } from "../../metrics/hosts/seconds-tally.ts";
import { NodesTally } from "../../metrics/nodes/tally.ts";
import type { RunRequest } from "./run-request.ts";

export interface EnvironmentWatchOptions {
  readonly machines: readonly Machine[];
  readonly parameters: Pick<SweepParameters, "environmentLimits" | "strictEnvironment">;
  readonly lengths: Pick<PhaseLengths, "warmUpSecs" | "windowSecs">;
  readonly clock: Clock;
  /** Processes of the run on this machine besides this one: those of clients. Asked at every look. */
  readonly ownProcesses: () => readonly OwnProcess[];
  /** Takes every second of every machine, and of the nodes there that could be seen. */
  readonly onSecond?: ((row: HostSecond, nodes: readonly NodeSecond[]) => void) | undefined;
}

const beforeMs = 1_000;
/** Longest wait for machines and engines that are slow to answer: a run is not held up by them. */
const patienceMs = 3_000;
/** Of other containers so many are named. */
const namedContainers = 20;
/** The window may begin so much beside its announced time without the seconds being cut anew. */
const shiftMs = 100;
/** After a look that came late, the next second's is left out rather than that a row stands for so short a time. */
const shortestMs = 500;
/** A look so shortly before a second's beginning belongs to it. */
const earlyMs = 200;

/** Looks at a run's machines: once before its load, then once a second, on the seconds of its window. */
export class EnvironmentWatch implements AsyncDisposable {
  /** Seconds whose sends were late, beside what the machines did in them. */
  readonly lateSeconds: LateSeconds;
  /** What nodes used. */
  readonly nodes: NodesTally;
  readonly #options: EnvironmentWatchOptions;
  readonly #views: readonly MachineView[];
  readonly #closing = new AbortController();
  /** On the monotonic clock; announced when the warm-up begins. */
  #windowMs: number | undefined;
  #ticking: Promise<void> | undefined;

  constructor(options: EnvironmentWatchOptions) {
    this.#options = options;
    const { parameters, lengths, onSecond } = options;
    this.lateSeconds = new LateSeconds(parameters.environmentLimits, lengths.windowSecs);
    this.nodes = new NodesTally(lengths.windowSecs);
    const onRow: typeof onSecond = (row, nodes) => {
      this.lateSeconds.addMachine(row);
      this.nodes.add(row.second, nodes);
      onSecond?.(row, nodes);
    };
    this.#views = options.machines.map(
      (machine) => new MachineView(machine, { ...options, onSecond: onRow }),
    );
  }

  async begin(signal: AbortSignal): Promise<void> {
    await withinMs(patienceMs, Promise.all(this.#views.map((view) => view.open())));
    signal.throwIfAborted();
    await this.#lookAll("begin");
  }

  /** A second of the machines with the network up and no load; returns when it is over. */
  async lookBefore(signal: AbortSignal): Promise<void> {
    await this.begin(signal);
    await delay(beforeMs, signal);
    await this.#lookAll("before");
  }

  /** Listens to all events; those of other kinds are nothing to it. */
  observe(body: EventBody): void {
    if (body.type === "load-second") this.lateSeconds.addSends(body);
    if (body.type !== "load-phase") return;
    const nowMs = this.#options.clock.monotonicMs();
    if (body.phase === "warm-up") this.#align(nowMs + this.#options.lengths.warmUpSecs * 1000);
    if (body.phase === "window") this.#align(nowMs - (body.lateMs ?? 0));
  }

  /** The last look, and what was seen. */
  async finish(): Promise<EnvironmentReport> {
    await this.#stop();
    await this.#lookAll("end");
    await withinMs(patienceMs, Promise.all(this.#views.map((view) => view.nameContainers())));
    const { environmentLimits: limits, strictEnvironment: strict } = this.#options.parameters;
    return reportEnvironment(
      this.#views.map((view) => view.close()),
      { limits, strict },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await Promise.all(this.#views.map((view) => view[Symbol.asyncDispose]()));
  }

  async #stop(): Promise<void> {
    this.#closing.abort();
    await this.#ticking;
  }

  #align(windowMs: number): void {
    const isNew = this.#windowMs === undefined || Math.abs(windowMs - this.#windowMs) > shiftMs;
    this.#windowMs = windowMs;
    for (const view of this.#views) view.align(windowMs, isNew);
    this.#ticking ??= this.#tick().catch(() => {}); // ends by its signal alone
  }

  async #tick(): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      const sinceMs = clock.monotonicMs() - (this.#windowMs ?? 0);
      // A timer may fire a moment early: that is this second's end all the same.
      const nextMs = (Math.floor((sinceMs + 20) / 1000) + 1) * 1000;
      await delay(nextMs - sinceMs, this.#closing.signal);
      void this.#lookAll("second");
    }
  }

  async #lookAll(part: Part): Promise<void> {
    await withinMs(patienceMs, Promise.all(this.#views.map((view) => view.look(part))));
  }
}

interface WatchedRun
  extends Pick<RunRequest, "network" | "parameters" | "clock" | "signal" | "emit" | "onHostSecond"> {
  /** It was begun already: there is no time before the load. */
  readonly loadRuns?: boolean;
}

/** Begins to look at the machines of a run, which is ready to begin; undefined where its network does not know them. */
export async function openEnvironmentWatch(
  { network, parameters, clock, signal, emit, onHostSecond, loadRuns = false }: WatchedRun,
  lengths: EnvironmentWatchOptions["lengths"],
  ownProcesses: EnvironmentWatchOptions["ownProcesses"],
): Promise<EnvironmentWatch | undefined> {
  const machines = network.machines?.();
  if (machines === undefined) return undefined;
  const onSecond: EnvironmentWatchOptions["onSecond"] = (row, nodes) => {
    onHostSecond?.(row);
    emit({ type: "machine-second", ...row, ...(nodes.length === 0 ? {} : { nodes }) });
  };
  const watch = new EnvironmentWatch({ machines, parameters, lengths, clock, ownProcesses, onSecond });
  try {
    await (loadRuns ? watch.begin(signal) : watch.lookBefore(signal));
    return watch;
  } catch (error) {
    await watch[Symbol.asyncDispose]();
    throw error;
  }
}

/** What a look ends: nothing, the time before the load, a second of the run, or the run. */
type Part = "begin" | "before" | "second" | "end";

interface Interval {
  readonly part: Part;
  readonly startMs: number;
  readonly figures: Omit<HostSecond, "host" | "second">;
  readonly nodes: readonly NodeSecond[];
}

class MachineView implements AsyncDisposable {
  readonly #machine: Machine;
  readonly #options: EnvironmentWatchOptions;
  readonly #reader: MachineReader;
  readonly #before: SecondsTally;
  readonly #window: SecondsTally;
  #containers: Set<string> | undefined;
  #last: { readonly sample: MachineSample; readonly atMs: number } | undefined;
  #looking: Promise<void> | undefined;
  #windowMs: number | undefined;
  /** No second has two rows. */
  #nextSecond = Number.NEGATIVE_INFINITY;
  /** Seen before it was known when the window begins. */
  #unplaced: Interval[] = [];
  #isClosed = false;

  constructor(machine: Machine, options: EnvironmentWatchOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#reader = machine.host === undefined ? openLocalReader() : openHostReader(machine.host);
    this.#before = new SecondsTally(options.parameters.environmentLimits);
    this.#window = new SecondsTally(options.parameters.environmentLimits);
  }

  async open(): Promise<void> {
    await Promise.all([this.#reader.open(), this.nameContainers()]);
  }

  /** What runs there now besides the run's own is told with what was there earlier. */
  async nameContainers(): Promise<void> {
    const names = await this.#machine.otherContainers().catch(() => undefined);
    if (names !== undefined) this.#containers = new Set([...(this.#containers ?? []), ...names]);
  }

  /** @param isNew what was seen until now was cut at other seconds */
  align(windowMs: number, isNew: boolean): void {
    this.#windowMs = windowMs;
    for (const interval of this.#unplaced.splice(0)) this.#place(interval, windowMs);
    if (isNew) void this.look("begin");
  }

  /** One at a time: where a machine is slow, its seconds get longer. */
  look(part: Part): Promise<void> {
    this.#looking ??= this.#look(part).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(part: Part): Promise<void> {
    const nodes = await this.#machine.processes().catch(() => undefined);
    const clients = this.#machine.host === undefined ? this.#options.ownProcesses() : [];
    const own = [...this.#reader.own(), ...clients, ...(nodes ?? [])];
    const atMs = this.#options.clock.monotonicMs();
    if (part === "second" && this.#last !== undefined && atMs - this.#last.atMs < shortestMs) return;
    const sample = await this.#reader.read(own);
    const last = this.#last;
    this.#last = sample && { sample, atMs };
    if (sample === undefined || last === undefined || part === "begin") return;
    const figures = differ(last.sample, sample, nodes && own);
    if (figures === undefined) return;
    this.#keep({ part, startMs: last.atMs, figures, nodes: differNodes(last.sample, sample, nodes ?? []) });
  }

  #keep(interval: Interval): void {
    if (this.#windowMs === undefined) this.#unplaced.push(interval);
    else this.#place(interval, this.#windowMs);
  }

  #place({ part, startMs, figures, nodes }: Interval, windowMs: number): void {
    if (this.#isClosed) return;
    const begun = Math.floor((startMs - windowMs + earlyMs) / 1000);
    const second = Math.max(begun, this.#nextSecond);
    this.#nextSecond = second + 1;
    const row: HostSecond = { host: this.#machine.name, second, ...figures };
    const wholeSecs = Math.max(1, Math.floor(this.#options.lengths.windowSecs));
    if (part === "before") this.#before.add(row);
    else if (second >= 0 && second < wholeSecs) this.#window.add(row);
    this.#options.onSecond?.(row, nodes);
  }

  /** What was seen. A look that ends later is nobody's: rows that are kept and rows that count are the same ones. */
  close() {
    this.#isClosed = true;
    return {
      host: this.#machine.name,
      otherContainers: this.#containers && [...this.#containers].sort().slice(0, namedContainers),
      before: this.#before,
      window: this.#window,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#reader[Symbol.asyncDispose]();
  }
}
