import { type LinkShape, queueMsOf } from "../../contracts/links/shape.ts";
import type { ShaperCommand, ShaperReport } from "../../contracts/links/shaper.ts";
import { openThread, type Remote } from "../calls.ts";
import type { HeldPlace } from "../namespaces.ts";
import type { Network, Pair } from "../network.ts";
import type { ProbeOperations, Route } from "./operations.ts";
import { disjointRounds } from "./rounds.ts";

export type Probed = Extract<ShaperReport, { readonly type: "done" }>["probed"][number];
type Echo = Extract<ShaperCommand, { readonly type: "echo" }>;
type Goodput = Extract<ShaperCommand, { readonly type: "goodput" }>;

const bareRate = 100;
const mostBarePairs = 16;
/** Late packets are waited for this long, and longer where links are slow. */
const leastWaitMs = 1000;
/** A delay is seldom further from the mean than this many standard deviations. */
const mostDeviations = 6;

/** Sends probes over links that `whyUnprobed` has nothing against. */
export class Probes {
  readonly #network: Network<HeldPlace>;
  readonly #thread: Remote<ProbeOperations>;

  constructor(network: Network<HeldPlace>, fail: (error: unknown) => void) {
    this.#network = network;
    this.#thread = openThread<ProbeOperations>("./thread", { base: import.meta.url, fail });
  }

  /** Opens the ports for probes of these nodes. */
  async attach(places: readonly HeldPlace[]): Promise<void> {
    await this.#thread.attach(
      places.flatMap(({ name, namespace, probePort }) =>
        namespace === undefined || probePort === undefined ? [] : [{ name, namespace, port: probePort }],
      ),
    );
  }

  async echo({
    pairs,
    packets,
    perSecond,
  }: Pick<Echo, "pairs" | "packets" | "perSecond">): Promise<Probed[]> {
    const routes = pairs.map((pair) => this.#route(pair));
    const waitMs = Math.max(leastWaitMs, ...pairs.map((pair) => this.#waitMs(pair)));
    const results = await this.#thread.echo(routes, { packets, perSecond, waitMs });
    return results.map((result, at) => ({ ...this.#title(pairs[at] as Pair), ...result }));
  }

  async goodput({ pairs, warmUpMs, measureMs }: Goodput): Promise<Probed[]> {
    const routes = pairs.map((pair) => this.#route(pair));
    const results = await this.#thread.goodput(routes, { warmUpMs, measureMs });
    return results.map(({ bps, congestionControl }, at) => ({
      ...this.#title(pairs[at] as Pair),
      sent: 0,
      received: 0,
      delaysMs: [],
      goodputBps: bps,
      congestionControl,
    }));
  }

  /** Echoes over each pair, while no other pair of its nodes is busy. @returns in the order of the pairs */
  async bare(pairs: readonly Pair[], packets: number): Promise<Probed[]> {
    const found = new Map<Pair, Probed>();
    for (const round of disjointRounds(pairs, mostBarePairs)) {
      const results = await this.echo({ pairs: round, packets, perSecond: bareRate });
      for (const [at, pair] of round.entries()) found.set(pair, results[at] as Probed);
    }
    return pairs.flatMap((pair) => found.get(pair) ?? []);
  }

  #isHere(name: string): boolean {
    return this.#network.place(name)?.namespace !== undefined;
  }

  #title({ from, to }: Pair): Pick<Probed, "from" | "to" | "way"> {
    return { from, to, way: this.#isHere(to) ? "one-way" : "round-trip" };
  }

  #route({ from, to }: Pair): Route {
    const place = this.#network.place(to);
    const isOneWay = this.#isHere(to);
    const address = isOneWay ? { host: place?.addresses[0], port: place?.probePort } : place?.probeAddress;
    return { from, host: address?.host ?? "", port: address?.port ?? 0, isOneWay };
  }

  /** The way back is as slow, for all that is known here. */
  #waitMs(pair: Pair): number {
    const ways = this.#isHere(pair.to) ? 1 : 2;
    return leastWaitMs + ways * longestMs(this.#network.shape(pair));
  }
}

const longestMs = (shape: LinkShape): number =>
  shape.delayMs + mostDeviations * (shape.jitter?.deviationMs ?? 0) + queueMsOf(shape);
