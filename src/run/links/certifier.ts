/** Measures the links of a network before, during and after a run: what its certificate follows from. */
import type { Emit } from "../../contracts/events.ts";
import {
  type LinkChange,
  type LinkPair,
  type LinkShaping,
  linksOf,
  type PlannedLinks,
  type ProbedLink,
  type ProbeRequest,
  type ShapingSecond,
} from "../../contracts/links/shaping.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type {
  LinkProbes,
  ProbedLinkRecord,
  ProbeFigures,
} from "../../contracts/results/links/link-certificate.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import { askedOf } from "../../results/analysis/links/asked.ts";
import { figuresOf } from "../../results/analysis/links/figures.ts";
import { judgeProbe } from "../../results/analysis/links/judge-probe.ts";
import { linkLimits } from "../../results/analysis/links/limits.ts";
import { keyOf, type LinkControl } from "./control.ts";
import { EchoWatch } from "./echo-watch.ts";
import {
  echoRequests,
  fullEffort,
  goodputRequests,
  type ProbeEffort,
  planRounds,
  shortEffort,
} from "./rounds.ts";

export interface LinkCertifierOptions {
  readonly links: LinkShaping;
  readonly control: LinkControl;
  readonly planned: PlannedLinks;
  /** Name of the links. */
  readonly name?: string | undefined;
  readonly benchmarkNumber: number;
  readonly windowSecs: number;
  /** Whether the nodes send their load also before and after the window. */
  readonly underLoad: boolean;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Nodes that nothing reaches now. */
  readonly unreachable: () => ReadonlySet<NodeName>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type When = "before" | "during" | "after";

export class LinkCertifier implements AsyncDisposable {
  readonly #options: LinkCertifierOptions;
  readonly #all: readonly LinkChange[];
  readonly #rounds: ReturnType<typeof planRounds>;
  readonly #measured: ReadonlyMap<string, Mutable<ProbedLinkRecord>>;
  readonly #echoes: EchoWatch;
  readonly #seconds: ShapingSecond[] = [];
  readonly #troubles: { when: When; reason: string }[] = [];
  readonly #stopListening: () => void;
  #stopSeconds: () => void = () => {};
  #when: When = "before";
  #windowMs = 0;

  constructor(options: LinkCertifierOptions) {
    this.#options = options;
    const { links, planned } = options;
    this.#all = linksOf(planned.matrix);
    this.#rounds = planRounds(this.#all, planned.seed);
    const bare = new Map(links.bare.map((one) => [keyOf(one), one]));
    const sampled = this.#rounds.rounds.flat();
    this.#measured = new Map(
      sampled.map((link) => {
        const { from, to, shape } = link;
        const own = bare.get(keyOf(link));
        const record = {
          from,
          to,
          way: "one-way" as const,
          asked: shape,
          bareMs: own?.delayMs,
          bareP99Ms: own?.p99Ms,
        };
        return [keyOf(link), record];
      }),
    );
    this.#echoes = new EchoWatch({ ...options, pairs: sampled });
    this.#stopListening = links.onFailure((reason) => this.#fail(reason));
  }

  /** All links, round by round; those that fail are measured once more. */
  async before(): Promise<void> {
    const { rounds } = this.#rounds;
    await this.#trying(async () => {
      for (const [index, round] of rounds.entries()) {
        this.#step(`measuring the links: round ${index + 1} of ${rounds.length}`);
        await this.#echo(round, fullEffort);
      }
      const failed = rounds
        .map((round) => round.filter((link) => this.#isOutside(link)))
        .filter((round) => round.length > 0);
      for (const round of failed) {
        this.#step(`measuring ${round.length} links again`);
        await this.#echo(round, fullEffort, true);
      }
      const requests = goodputRequests(rounds, (link) => this.#back(link));
      for (const [index, request] of requests.entries()) {
        this.#step(`measuring the rates of links: ${index + 1} of ${requests.length}`);
        this.#keepGoodput(await this.#probe(request));
      }
    });
  }

  /** The window begins. @param windowMs on the monotonic clock */
  begin(windowMs: number): void {
    this.#when = "during";
    this.#windowMs = windowMs;
    this.#stopSeconds = this.#options.links.onSecond((second) => this.#seconds.push(second));
    this.#echoes.begin(windowMs);
  }

  /** The window ends. */
  async end(): Promise<void> {
    await this.#echoes.finish();
    this.#stopSeconds();
    if (this.#echoes.failure !== undefined) this.#fail(describeError(this.#echoes.failure));
    this.#when = "after";
  }

  /** The first in short: links are as asked for again. */
  async after(): Promise<void> {
    if (this.#troubles.length > 0) return;
    const gone = this.#options.unreachable();
    this.#step("measuring the links after the run");
    await this.#trying(async () => {
      for (const round of this.#rounds.rounds) {
        const there = round.filter(({ from, to }) => !gone.has(from) && !gone.has(to));
        if (there.length > 0) await this.#echo(there, shortEffort);
      }
    });
  }

  /** All that was measured. */
  finish(): LinkProbes {
    const { links, name, benchmarkNumber, windowSecs, underLoad } = this.#options;
    const delays = this.#all.map(({ shape }) => shape.delayMs).filter((delayMs) => delayMs > 0);
    return {
      benchmarkNumber,
      name,
      mechanism: links.mechanism,
      realTime: links.realTime,
      windowSecs,
      underLoad,
      linksOfNetwork: this.#all.length,
      ratedLinks: this.#all.filter(({ shape }) => shape.rateBps !== undefined && !shape.down).length,
      leastDelayMs: delays.length === 0 ? undefined : Math.min(...delays),
      sample: this.#rounds.sample,
      links: [...this.#measured.values()].map((link) => ({ ...link, during: this.#echoes.echoesOf(link) })),
      seconds: this.#seconds
        .map(({ atMs, ...second }) => ({ ...second, atSecs: (atMs - this.#windowMs) / 1000 }))
        .filter(({ atSecs }) => atSecs > 0 && atSecs <= windowSecs + 1),
      troubles: this.#troubles,
      limits: linkLimits,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopSeconds();
    this.#stopListening();
    await this.#echoes[Symbol.asyncDispose]();
  }

  /** Each reason once. */
  #fail(sentence: string): void {
    // It becomes part of another sentence.
    const reason = sentence.replace(/^The /, "the ").replace(/\.$/, "");
    if (this.#troubles.some((known) => known.reason === reason)) return;
    this.#troubles.push({ when: this.#when, reason });
    this.#options.emit({ type: "warning", message: `The run is invalid: ${reason}.` });
  }

  async #trying(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.signal.throwIfAborted();
      this.#fail(`links could not be measured: ${describeError(error)}`);
    }
  }

  #step(step: string): void {
    this.#options.emit({ type: "network-step", step });
  }

  #probe(request: ProbeRequest): Promise<readonly ProbedLink[]> {
    const { links, signal } = this.#options;
    return links.probe(request, signal);
  }

  /** All of a round at once. */
  async #echo(round: readonly LinkChange[], effort: ProbeEffort, repeated = false): Promise<void> {
    const requests = echoRequests(round, (link) => this.#back(link), effort);
    const probed = await Promise.all(requests.map((request) => this.#probe(request)));
    const when = this.#when === "before" ? "before" : "after";
    for (const one of probed.flat()) {
      const link = this.#measured.get(keyOf(one));
      if (link === undefined) continue;
      link.way = one.way;
      if (one.way === "round-trip") link.askedBack = this.#back(link);
      link.congestionControl ??= one.congestionControl;
      const { reorderRatio } = askedOf(link);
      link[when] = { ...figuresOf(one, reorderRatio), repeated };
    }
  }

  #keepGoodput(probed: readonly ProbedLink[]): void {
    for (const one of probed) {
      const link = this.#measured.get(keyOf(one));
      if (link?.before === undefined) continue;
      link.congestionControl ??= one.congestionControl;
      link.before = { ...link.before, goodputBps: one.goodputBps } satisfies ProbeFigures;
    }
  }

  #isOutside(link: LinkPair): boolean {
    const own = this.#measured.get(keyOf(link));
    if (own?.before === undefined) return false;
    const { underLoad } = this.#options;
    const judgement = { links: this.#measured.size, underLoad, limits: linkLimits };
    return judgeProbe(askedOf(own), own.before, judgement).some(({ outsideRatio }) => outsideRatio > 1);
  }

  #back({ from, to }: LinkPair) {
    const own = this.#options.control.usual({ from: to, to: from });
    return own ?? (this.#options.control.usual({ from, to }) as NonNullable<typeof own>);
  }
}
