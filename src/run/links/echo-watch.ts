/** An echo a second over each link while the load runs. */
import type { LinkChange, LinkPair, LinkShaping, ProbedLink } from "../../contracts/links/shaping.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { LinkEchoes } from "../../contracts/results/links/link-certificate.ts";
import { delay } from "../../core/async.ts";
import type { Clock } from "../../core/clock.ts";
import { joinRanges, type PacketRange, rangeOf } from "../../results/analysis/links/asked.ts";
import { keyOf, type LinkControl } from "./control.ts";

export interface EchoWatchOptions {
  readonly links: LinkShaping;
  readonly control: LinkControl;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly pairs: readonly LinkChange[];
  readonly windowSecs: number;
  /** Nodes that nothing reaches now. */
  readonly unreachable: () => ReadonlySet<NodeName>;
}

/** Links that answer together in a second: echoes of all at once would wait for each other. */
const groupsInSecond = 10;
/** Between two groups; within it the links of one may take turns. */
const stepMs = 1_000 / groupsInSecond;
/** Most probes in flight; beyond it echoes are left out. */
const mostOpen = 50;
/** A change that was near an echo may have met it: times of commands are known to this. */
const marginMs = 100;

type Mutable = { readonly [K in keyof LinkEchoes]: LinkEchoes[K][number][] };

export class EchoWatch implements AsyncDisposable {
  readonly #options: EchoWatchOptions;
  readonly #end = new AbortController();
  readonly #found = new Map<string, Mutable>();
  readonly #bareMs: ReadonlyMap<string, number>;
  readonly #open = new Set<Promise<void>>();
  #running: Promise<void> = Promise.resolve();
  /** The first failure; later ones follow from it. */
  failure: unknown;

  constructor(options: EchoWatchOptions) {
    this.#options = options;
    this.#bareMs = new Map(options.links.bare.map((path) => [keyOf(path), path.delayMs]));
  }

  /** @param windowStartMs on the monotonic clock */
  begin(windowStartMs: number): void {
    const signal = AbortSignal.any([this.#options.signal, this.#end.signal]);
    this.#running = this.#tick(windowStartMs, signal).catch(() => {});
  }

  /** Sends no more, waits for those under way. */
  async finish(): Promise<void> {
    this.#end.abort();
    await this.#running;
    await Promise.allSettled(this.#open);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  /** undefined where no echo was sent. */
  echoesOf(pair: LinkPair): LinkEchoes | undefined {
    return this.#found.get(keyOf(pair));
  }

  async #tick(windowStartMs: number, signal: AbortSignal): Promise<void> {
    const { clock, pairs, windowSecs } = this.#options;
    const size = Math.max(1, Math.ceil(pairs.length / groupsInSecond));
    for (let tick = 0; tick < windowSecs * groupsInSecond; tick++) {
      const dueMs = windowStartMs + tick * stepMs;
      const waitMs = dueMs - clock.monotonicMs();
      if (waitMs > 0) await delay(waitMs, signal);
      signal.throwIfAborted();
      // After a stall it continues with what is due now.
      if (waitMs < -1_000) continue;
      const group = tick % groupsInSecond;
      this.#send(pairs.slice(group * size, (group + 1) * size), windowStartMs);
    }
  }

  #send(group: readonly LinkChange[], windowStartMs: number): void {
    const { links, clock, signal, unreachable } = this.#options;
    const gone = unreachable();
    const pairs = group
      .filter(({ from, to }) => !gone.has(from) && !gone.has(to))
      .map(({ from, to }) => ({ from, to }));
    if (pairs.length === 0 || this.#open.size >= mostOpen) return;
    const sentMs = clock.monotonicMs();
    const work = links
      .probe({ kind: "echo", pairs, packets: 1, perSecond: groupsInSecond }, signal)
      .then(
        (probed) => {
          for (const one of probed) this.#keep(one, { sentMs, windowStartMs });
        },
        (error: unknown) => {
          this.failure ??= error;
        },
      )
      .finally(() => this.#open.delete(work));
    this.#open.add(work);
  }

  #keep(
    { from, to, way, delaysMs: [delayMs] }: ProbedLink,
    { sentMs, windowStartMs }: { readonly sentMs: number; readonly windowStartMs: number },
  ): void {
    const { control, clock, unreachable } = this.#options;
    // A node that went down meanwhile could not answer.
    const gone = unreachable();
    if (gone.has(from) || gone.has(to)) return;
    const pair = { from, to };
    const key = keyOf(pair);
    const found = this.#found.get(key) ?? { atSecs: [], delaysMs: [], lostAtSecs: [], changed: [] };
    this.#found.set(key, found);
    const atSecs = (sentMs - windowStartMs) / 1000;
    if (delayMs === undefined) found.lostAtSecs.push(atSecs);
    else {
      found.atSecs.push(atSecs);
      found.delaysMs.push(Math.max(0, delayMs));
    }
    const span = {
      fromMs: sentMs - marginMs,
      toMs: delayMs === undefined ? clock.monotonicMs() : sentMs + stepMs + delayMs + marginMs,
    };
    const shapes = control.inForce(pair, span);
    const back = control.inForce({ from: to, to: from }, span);
    const isUsual = (of: readonly unknown[], usual: unknown) => of.length === 1 && of[0] === usual;
    const isRound = way === "round-trip";
    if (
      isUsual(shapes, control.usual(pair)) &&
      (!isRound || isUsual(back, control.usual({ from: to, to: from })))
    )
      return;
    const bareMs = this.#bareMs.get(key);
    const there = rangeOf(shapes, bareMs);
    const range: PacketRange = isRound ? joinRanges(there, rangeOf(back, bareMs)) : there;
    found.changed.push({ atSecs, ...range });
  }
}
