/** What a committee sustains, and what that costs in CPU time: one load, one window. */
import type { Network } from "../../src/contracts/deployment.ts";
import type { Endpoint } from "../../src/contracts/nodes/node.ts";
import { delay, until } from "../../src/core/async.ts";
import { BlockCounter, type SeenBlock } from "./block-counter.ts";
import { Saturator } from "./saturator.ts";

/** How the load is bounded: by what waits to be committed (closed loop), or by the clock (open loop). */
export type Pressure =
  | { readonly kind: "uncommitted"; readonly mostTransactions: number }
  | { readonly kind: "rate"; readonly rateTps: number };

export interface SaturationOptions {
  readonly pressure: Pressure;
  readonly run: number;
  readonly connectionsPerNode: number;
  readonly batch: number;
  readonly transactionSizeBytes: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly signal: AbortSignal;
  /** Called as the window begins and ends, for who wants to watch it closer; the load goes on meanwhile. */
  readonly onWindow?: (edge: "begin" | "end") => Promise<void>;
  /** Transactions that another load had committed on this network, known once `onWindow("end")` is over. */
  readonly committedBeside?: () => number;
}

export interface SaturationResult {
  /** Committed transactions per second between the first and the last block seen in the window. */
  readonly throughputTps: number;
  readonly committedInWindow: number;
  readonly blocksInWindow: number;
  readonly acknowledged: number;
  readonly refused: number;
  /**
   * Acknowledged, but never committed. CometBFT acknowledges `broadcast_tx_async` before it looks whether its mempool
   * has room.
   */
  readonly lost: number;
  /** CPU time per transaction committed in the window, of all nodes together and of the generator. */
  readonly nodesCpuUs: number;
  readonly generatorCpuUs: number;
  /** CPU cores that nodes and generator kept busy, of those that there are. */
  readonly coresUsed: number;
}

/** The allowance by rate grows this often. */
const pacePeriodMs = 2;
const drainTimeoutMs = 60_000;
/** What is not committed after so long without a commit is lost: CometBFT's blocks come every second or so. */
const lostAfterMs = 5_000;

/**
 * Puts a load on a ready network and measures what is committed.
 *
 * @throws Error where a connection fails, or the system is not done with the load within a minute of its end
 */
export async function measureSaturation(
  network: Network,
  options: SaturationOptions,
): Promise<SaturationResult> {
  const { signal, warmUpMs, windowMs } = options;
  const targets = network.nodes.map(({ name }) => network.endpoint(name, "coordinator", "rpc"));
  const load = await Load.open(targets, options);
  try {
    await load.during(delay(warmUpMs, signal));
    await load.during(options.onWindow?.("begin"));
    const before = await readUsage(network);
    const beginMs = performance.now();
    await load.during(delay(windowMs, signal));
    const endMs = performance.now();
    const after = await readUsage(network);
    await load.during(options.onWindow?.("end"));
    await load.during(load.drain(signal, options.committedBeside?.() ?? 0));
    const { acknowledged, refused } = load.saturator.counts();
    const lost = acknowledged + (options.committedBeside?.() ?? 0) - load.counter.latest.committed;
    const rate = rateBetween(load.counter.seen, beginMs, endMs);
    // The usage was read a moment before and after, and covers just these milliseconds.
    const committed = (rate.throughputTps * (after.atMs - before.atMs)) / 1000;
    const nodesUs = after.nodesUs - before.nodesUs;
    const generatorUs = after.generatorUs - before.generatorUs;
    return {
      ...rate,
      acknowledged,
      refused,
      lost,
      nodesCpuUs: nodesUs / committed,
      generatorCpuUs: generatorUs / committed,
      coresUsed: (nodesUs + generatorUs) / 1000 / (after.atMs - before.atMs),
    };
  } finally {
    await load[Symbol.asyncDispose]();
  }
}

/** A saturator that is told what its network has committed. */
class Load implements AsyncDisposable {
  readonly saturator: Saturator;
  readonly counter: BlockCounter;
  readonly #pacer: NodeJS.Timeout;
  readonly #state: { isOver: boolean };

  private constructor(parts: {
    saturator: Saturator;
    counter: BlockCounter;
    pacer: NodeJS.Timeout;
    state: { isOver: boolean };
  }) {
    this.saturator = parts.saturator;
    this.counter = parts.counter;
    this.#pacer = parts.pacer;
    this.#state = parts.state;
  }

  static async open(targets: readonly Endpoint[], options: SaturationOptions): Promise<Load> {
    const { pressure } = options;
    const state = { isOver: false };
    let saturator: Saturator | undefined;
    const counter = await BlockCounter.open(targets[0] as Endpoint, () => saturator?.pump());
    const startMs = performance.now();
    const allowance = () => {
      if (state.isOver || saturator === undefined) return 0;
      if (pressure.kind === "rate") return (pressure.rateTps * (performance.now() - startMs)) / 1000;
      return counter.latest.committed + saturator.counts().refused + pressure.mostTransactions;
    };
    try {
      saturator = await Saturator.open({
        ...options,
        targets,
        connectionsPerTarget: options.connectionsPerNode,
        allowance,
      });
    } catch (error) {
      await counter[Symbol.asyncDispose]();
      throw error;
    }
    const pump = () => saturator.pump();
    const pacer = setInterval(pump, pacePeriodMs);
    return new Load({ saturator, counter, pacer, state });
  }

  /** Waits, unless the load breaks first. */
  async during(wait: Promise<unknown> | undefined): Promise<void> {
    await Promise.race([wait, this.saturator.failed, this.counter.ended]);
  }

  /** Sends no more, and waits until all that was acknowledged is committed, or nothing more is. */
  async drain(signal: AbortSignal, committedBeside: number): Promise<void> {
    this.#state.isOver = true;
    const missing = () =>
      this.saturator.counts().acknowledged + committedBeside - this.counter.latest.committed;
    let last = { committed: -1, atMs: 0 };
    const isDone = () => {
      const { committed } = this.counter.latest;
      if (committed !== last.committed) last = { committed, atMs: performance.now() };
      if (this.saturator.counts().inFlight > 0) return undefined;
      return missing() === 0 || performance.now() - last.atMs > lostAfterMs ? true : undefined;
    };
    await until(isDone, {
      timeoutMs: drainTimeoutMs,
      everyMs: 20,
      signal,
      describe: () =>
        `${missing()} acknowledged transactions were not committed within ${drainTimeoutMs / 1000} s ` +
        "after the load. The system is too slow for it.",
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#pacer);
    this.saturator[Symbol.dispose]();
    await this.counter[Symbol.asyncDispose]();
  }
}

/** From block to block, so that a window that ends just before a large block does not count for less. */
function rateBetween(seen: readonly SeenBlock[], beginMs: number, endMs: number) {
  const inside = seen.filter(({ atMs }) => atMs >= beginMs && atMs < endMs);
  const [first, last] = [inside[0], inside.at(-1)];
  if (first === undefined || last === undefined || last.atMs === first.atMs) {
    throw new Error(
      `Only ${inside.length} blocks were committed in ${((endMs - beginMs) / 1000).toFixed(1)} s.`,
    );
  }
  const committedInWindow = last.committed - first.committed;
  return {
    throughputTps: (committedInWindow * 1000) / (last.atMs - first.atMs),
    committedInWindow,
    blocksInWindow: inside.length - 1,
  };
}

async function readUsage(network: Network) {
  const stats = await Promise.all(network.nodes.map((node) => node.stats()));
  const { user, system } = process.cpuUsage();
  const nodesUs = stats.reduce((sum, each) => {
    if (each === undefined) throw new Error("A node ended during the measurement.");
    return sum + each.cpuSecs * 1e6;
  }, 0);
  return { atMs: performance.now(), nodesUs, generatorUs: user + system };
}
