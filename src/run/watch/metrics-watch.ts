import type { Network } from "../../contracts/deployment.ts";
import type { Emit, EventBody } from "../../contracts/events.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { NodeMetrics } from "../../contracts/protocol.ts";
import { delay, mapBounded, withinMs } from "../../core/async.ts";
import type { PhaseLengths } from "../../load/level/phases.ts";
import { MetricsRecord, type RecordedFamily } from "../../metrics/nodes/record.ts";
import { lookEverySecs } from "../../results/analysis/verdict/native-figures.ts";
import { MetricsView, type MetricsViewOptions } from "./metrics-view.ts";

export interface MetricsWatchOptions extends MetricsViewOptions {
  readonly network: Pick<Network, "nodes" | "endpoint">;
  /** Asked as well; one that shows nothing lacks nothing. Default: none. */
  readonly helpers?: Network["helpers"];
  readonly lengths: Pick<PhaseLengths, "warmUpSecs" | "windowSecs">;
  readonly emit: Emit;
  /** That are kept of the whole run. Default: a million. */
  readonly mostSamples?: number | undefined;
  /** Of the run: whoever interrupts it is not told of answers that nobody waited for. */
  readonly signal?: AbortSignal | undefined;
}

/** What the nodes of a run showed of themselves, from before its load to behind it. */
export interface ShownMetrics {
  readonly families: readonly RecordedFamily[];
  /** Wall time of a moment of the record, milliseconds since 1970 UTC, by the window's announced start. */
  readonly wallMsAt: (atMs: number) => number;
  /** How long a node took to answer what it was asked then. */
  readonly tookMs: (node: NodeName, atMs: number) => number;
}

const nodesAtOnce = 16;
/** Longest wait for all of them at the run's end, which is not held up by nodes that hang. */
const patienceMs = 3_000;
/** What a run keeps at most; some tens of bytes each in memory, and about a hundred in its file. */
const usualMostSamples = 1_000_000;
const namedNodes = 3;
const earlyMs = 20;

/**
 * Asks each node for its metrics: once before the load, then on whole seconds of the window's count, and once behind it
 * all. A node that does not answer leaves a gap, and a warning in the end.
 */
export class MetricsWatch implements AsyncDisposable {
  readonly #options: MetricsWatchOptions;
  readonly #everyMs: number;
  readonly #record: MetricsRecord;
  readonly #views: readonly MetricsView[];
  readonly #closing = new AbortController();
  readonly #looks = new Set<Promise<void>>();
  /** Monotonic and wall time of the window's start. */
  #windowMs: number | undefined;
  #windowWallMs: number | undefined;
  #ticking: Promise<void> | undefined;

  /** Looks for the first time at once. */
  constructor(options: MetricsWatchOptions) {
    const { network, helpers = [], metrics, lengths } = options;
    this.#options = options;
    this.#everyMs = 1000 * lookEverySecs(network.nodes.length, lengths.warmUpSecs + lengths.windowSecs);
    this.#record = new MetricsRecord(metrics.keep, options.mostSamples ?? usualMostSamples);
    this.#views = [...network.nodes, ...helpers].map((node) => {
      const mustShow = !helpers.includes(node);
      return new MetricsView(node.name, { ...options, mustShow }, this.#record);
    });
    this.#look();
  }

  /** Listens to all events; those of other kinds are nothing to it. */
  observe(body: EventBody): void {
    if (body.type !== "load-phase") return;
    const nowMs = this.#options.clock.monotonicMs();
    if (body.phase === "warm-up") {
      this.#windowMs = nowMs + this.#options.lengths.warmUpSecs * 1000;
      this.#windowWallMs = body.windowStartsAtMs;
      this.#ticking ??= this.#tick().catch(() => {}); // ends by its signal alone
    }
    if (body.phase === "window") this.#windowMs = nowMs - (body.lateMs ?? 0);
  }

  /** The last look. @returns undefined where nothing was shown, or no window ever began */
  async finish(): Promise<ShownMetrics | undefined> {
    await this.#stop();
    await withinMs(patienceMs, this.#lookLast());
    // What is still under way is given up: from here on nothing is added.
    await this.#closeViews();
    this.#warn();
    const [windowMs, wallMs] = [this.#windowMs, this.#windowWallMs];
    if (windowMs === undefined || wallMs === undefined || this.#record.samples === 0) return undefined;
    return {
      families: this.#record.families(),
      wallMsAt: (atMs) => wallMs + atMs - windowMs,
      tookMs: (node, atMs) => this.#views.find(({ name }) => name === node)?.tookMs.get(atMs) ?? 0,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await this.#closeViews();
  }

  async #closeViews(): Promise<void> {
    await Promise.all(this.#views.map((view) => view[Symbol.asyncDispose]()));
    await Promise.all(this.#looks);
  }

  async #stop(): Promise<void> {
    this.#closing.abort();
    await this.#ticking;
  }

  async #tick(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#record.isFull) {
      const sinceMs = () => clock.monotonicMs() - (this.#windowMs ?? 0);
      // A timer may fire a moment early: that is this time's look all the same.
      const nextMs = (Math.floor((sinceMs() + earlyMs) / this.#everyMs) + 1) * this.#everyMs;
      await delay(nextMs - sinceMs(), this.#closing.signal);
      // Where the window has begun elsewhere than was announced, it is not yet time.
      if (sinceMs() >= nextMs - earlyMs) this.#look();
    }
  }

  /** Of a node that is being asked the look that is under way comes first. */
  async #lookLast(): Promise<void> {
    await Promise.all(this.#looks);
    this.#look();
    await Promise.all(this.#looks);
  }

  #look(): void {
    const look = mapBounded(this.#views, nodesAtOnce, (view) => view.look()).then(() => {
      this.#looks.delete(look);
    });
    this.#looks.add(look);
  }

  #warn(): void {
    const isGivenUp = this.#options.signal?.aborted === true;
    const lacking = isGivenUp ? [] : this.#views.flatMap((view) => view.gaps ?? []);
    if (lacking.length > 0) {
      const named = lacking.slice(0, namedNodes).join("; ");
      const more = lacking.length > namedNodes ? `; and ${lacking.length - namedNodes} more` : "";
      this.#options.emit({ type: "warning", message: `Metrics of nodes have gaps: ${named}${more}.` });
    }
    if (this.#record.isFull) {
      const message = `Metrics of nodes were kept up to ${this.#record.samples} samples, not to the end of the run. Keep fewer metrics.`;
      this.#options.emit({ type: "warning", message });
    }
  }
}

/** Begins to ask the nodes of a run; undefined where their protocol shows nothing that is to be kept. */
export function openMetricsWatch(
  options: Omit<MetricsWatchOptions, "metrics"> & { readonly metrics: NodeMetrics | undefined },
): MetricsWatch | undefined {
  const { metrics } = options;
  return metrics === undefined || metrics.keep.length === 0
    ? undefined
    : new MetricsWatch({ ...options, metrics });
}
