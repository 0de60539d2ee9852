/** The shapers of a network, one on each machine that has nodes, and the links that they make together. */
import type { PlacedProcess } from "../../contracts/deployment.ts";
import { type LinkShape, unshaped } from "../../contracts/links/shape.ts";
import {
  type KernelMechanism,
  kernelMechanisms,
  type Segment,
  type ShaperPlace,
} from "../../contracts/links/shaper.ts";
import type {
  LinkChange,
  LinkPair,
  LinkShaping,
  PlannedLinks,
  ProbedLink,
  ProbeRequest,
} from "../../contracts/links/shaping.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { OverlayHost } from "../../contracts/nodes/overlay.ts";
import { mapBounded } from "../../core/async.ts";
import { systemClock } from "../../core/clock.ts";
import { present } from "../../core/documents/numbers.ts";
import { type BarePath, bareOf, pathsBetween, refuseLost, refuseWorse, subtractBare } from "./bare.ts";
import { LinksError } from "./error.ts";
import { openNews } from "./news.ts";
import { overlayHosts } from "./overlay.ts";
import { changesOf, kernelMechanism, shaperChange } from "./plan.ts";
import { mtuBytes } from "./program.ts";
import { openSeconds } from "./seconds.ts";
import { ShapingSession } from "./session.ts";

/** A machine with nodes. */
export interface ShapedMachine {
  /** undefined: this one. */
  readonly host?: string | undefined;
  /** Starts a shaper there that has not been opened. */
  readonly start: (signal: AbortSignal) => Promise<PlacedProcess>;
  /** What is to connect its nodes to those of others; absent: they are connected. */
  readonly segment?: Segment | undefined;
}

export interface ShapersRequest {
  readonly links: PlannedLinks;
  readonly machines: readonly ShapedMachine[];
  readonly hostOf: (node: NodeName) => string | undefined;
  /** Where nodes are now, as the nodes of a machine see them. */
  readonly locate: (
    nodes: readonly NodeName[],
    host: string | undefined,
  ) => Promise<readonly ShaperPlace[]> | readonly ShaperPlace[];
  /** TCP ports of the nodes that are not shaped. */
  readonly exemptPorts: readonly number[];
  /** For people: the ports that must be open between machines for probes; absent: there is one machine. */
  readonly probePorts?: string | undefined;
}

const machinesAtOnce = 32;
const openTimeoutMs = 60_000;
const attachTimeoutMs = 30_000;
const setTimeoutMs = 10_000;
/** Beside the time that the packets take. */
const probeTimeoutMs = 30_000;
/** Of each link, before it is shaped: 100 a second, of links that have no node in common. */
const bareEchoes = 30;
const hostEchoes = { packets: 20, perSecond: 50 } as const;

type Session = { readonly host: string | undefined; readonly session: ShapingSession };

/** Links of a network whose nodes start one after another. Disposing ends the shapers: links are bare again. */
export class Shapers implements AsyncDisposable {
  readonly #request: ShapersRequest;
  readonly #known = new Set<NodeName>();
  readonly #overlay: ReadonlyMap<NodeName, OverlayHost>;
  readonly #news = openNews();
  #sessions: readonly Session[] = [];
  #mechanism: KernelMechanism = "nfqueue";
  #realTime: boolean | undefined;
  #bare: LinkShaping["bare"] = [];
  /** Between hosts; empty where there is one machine, whose shaper knows its paths itself. */
  #paths: readonly BarePath[] = [];

  constructor(request: ShapersRequest) {
    this.#request = request;
    this.#overlay = overlayHosts(request.links);
  }

  /**
   * Shapes the links of nodes that have started.
   *
   * @throws LinksError where that is not possible, or the bare path is worse than what is asked
   */
  async admit(nodes: readonly NodeName[], signal: AbortSignal): Promise<void> {
    const fresh = new Set(nodes);
    for (const name of nodes) this.#known.add(name);
    const changes = changesOf(this.#request.links.matrix, this.#known).filter(
      ({ from, to }) => fresh.has(from) || fresh.has(to),
    );
    const isFirst = this.#sessions.length === 0;
    if (isFirst) await this.#open(changes, signal);
    else await this.attach(nodes, signal);
    if (this.#isSpread) await this.#measurePaths(changes, signal);
    if (this.#isSpread || !isFirst) await this.set(changes, signal);
  }

  /** Takes nodes that were started again to where they are now. */
  async attach(nodes: readonly NodeName[], signal: AbortSignal): Promise<void> {
    await this.#each(async ({ host, session }) => {
      const places = await this.#locate(nodes, host);
      await session.ask({ type: "attach", places }, { timeoutMs: attachTimeoutMs, signal });
    });
  }

  /** What a network offers; to be called once nodes are admitted. */
  shaping(): LinkShaping {
    return {
      mechanism: this.#mechanism,
      ...(this.#mechanism === "nfqueue" ? { realTime: this.#realTime ?? false } : {}),
      bare: this.#bare,
      set: (changes, signal) => this.set(changes, signal),
      probe: (request, signal) => this.probe(request, signal),
      onSecond: this.#news.onSecond,
      onFailure: this.#news.onFailure,
    };
  }

  async set(changes: readonly LinkChange[], signal: AbortSignal): Promise<number> {
    const adjusted = changes.map((change) => subtractBare(change, this.#paths, this.#request.hostOf));
    await this.#each(async ({ host, session }) => {
      const links = adjusted.filter((change) => this.#isMadeAt(change, host)).map(shaperChange);
      if (links.length > 0) await session.ask({ type: "set", links }, { timeoutMs: setTimeoutMs, signal });
    });
    return systemClock.monotonicMs();
  }

  async probe(request: ProbeRequest, signal: AbortSignal): Promise<readonly ProbedLink[]> {
    const found = await this.#each(async ({ host, session }) => {
      const pairs = request.pairs.filter(({ from }) => this.#request.hostOf(from) === host);
      if (pairs.length === 0) return [];
      return await session.probe({ ...request, pairs }, { timeoutMs: probeTimeoutMs, signal });
    });
    const all = found.flat();
    return request.pairs.map((pair) => {
      const one = all.find(({ from, to }) => from === pair.from && to === pair.to);
      if (one !== undefined) return one;
      throw new LinksError(`The link shaper did not report the probe from ${pair.from} to ${pair.to}.`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const sessions = this.#sessions;
    this.#sessions = [];
    await disposeAll(sessions);
  }

  /** Whether nodes are on several machines. */
  get #isSpread(): boolean {
    return this.#request.machines.length > 1;
  }

  async #locate(nodes: readonly NodeName[], host: string | undefined): Promise<readonly ShaperPlace[]> {
    const places = await this.#request.locate(nodes, host);
    return places.map((place) => ({ ...place, ...present({ overlay: this.#overlay.get(place.name) }) }));
  }

  #each<T>(work: (session: Session) => Promise<T>): Promise<T[]> {
    return mapBounded(this.#sessions, machinesAtOnce, work);
  }

  /** netem shapes at the sender, nfqueue at the receiver. */
  #isMadeAt({ from, to }: LinkPair, host: string | undefined): boolean {
    return this.#request.hostOf(this.#mechanism === "netem" ? from : to) === host;
  }

  /** One mechanism on all machines: a link that both ends shape, or neither, is none. */
  async #open(changes: readonly LinkChange[], signal: AbortSignal): Promise<void> {
    const asked = kernelMechanism(this.#request.links);
    const several = this.#isSpread ? kernelMechanisms : [undefined];
    const refusals: string[] = [];
    for (const mechanism of asked === undefined ? several : [asked]) {
      try {
        await this.#openWith(mechanism, changes, signal);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof LinksError)) throw error;
        refusals.push(error.message);
      }
    }
    throw new LinksError(refusals.join(" "));
  }

  async #openWith(
    mechanism: KernelMechanism | undefined,
    changes: readonly LinkChange[],
    signal: AbortSignal,
  ): Promise<void> {
    this.#mechanism = mechanism ?? this.#mechanism;
    const sessions: Session[] = [];
    try {
      const ready = await mapBounded(this.#request.machines, machinesAtOnce, async (machine) => {
        const { host, start } = machine;
        const session = this.#listen(await start(signal), host);
        sessions.push({ host, session });
        const command = await this.#openCommand(mechanism, changes, machine);
        const echoesMs = (command.bareEchoes * 10 * changes.length) / 16;
        return await session.ask(command, { timeoutMs: openTimeoutMs + 2 * echoesMs, signal });
      });
      for (const reply of ready) {
        if (reply.type !== "ready") throw new LinksError("The link shaper did not say that it is ready.");
        this.#mechanism = reply.mechanism;
        this.#bare = [...this.#bare, ...reply.bare.flatMap(bareOf)];
      }
      const realTimes = ready.flatMap((reply) => (reply.type === "ready" ? (reply.realTime ?? []) : []));
      this.#realTime = realTimes.length === ready.length && realTimes.every((has) => has);
      this.#sessions = sessions;
      if (this.#mechanism === "nfqueue") for (const { session } of sessions) session.expectReports();
    } catch (error) {
      await disposeAll(sessions);
      throw error;
    }
  }

  async #openCommand(
    mechanism: KernelMechanism | undefined,
    changes: readonly LinkChange[],
    { host, segment }: ShapedMachine,
  ) {
    const { links, exemptPorts } = this.#request;
    const { seed, matrix } = links;
    const places = await this.#locate([...this.#known], host);
    // Between hosts the bare path is measured first, by shapers that let all through.
    const shaped = (change: LinkChange) => (this.#isSpread ? { ...change, shape: unshaped } : change);
    const here = changes.filter((change) => !this.#isSpread || this.#isMadeAt(change, host));
    return {
      type: "open",
      ...(mechanism === undefined ? {} : { mechanism }),
      seed: host === undefined ? seed : `${seed} ${host}`,
      mtuBytes,
      places,
      ...present({ segment }),
      links: here.map((change) => shaperChange(shaped(change))),
      ...(matrix.clients === undefined ? {} : { others: matrix.clients satisfies LinkShape }),
      exemptPorts,
      bareEchoes: this.#isSpread ? 0 : bareEchoes,
    } as const;
  }

  #listen(process: PlacedProcess, host: string | undefined): ShapingSession {
    const name = host === undefined ? "the link shaper" : `the link shaper on ${host}`;
    const read = openSeconds(host);
    const session: ShapingSession = new ShapingSession(process, name, {
      second: (report) => this.#news.second(read(report)),
      // One that refused to open also ends; its refusal was reported.
      failure: (why) => this.#sessions.some((one) => one.session === session) && this.#news.failure(why),
    });
    return session;
  }

  /** Measures new paths between hosts, and refuses those that are slower than the links across them. */
  async #measurePaths(changes: readonly LinkChange[], signal: AbortSignal): Promise<void> {
    const { hostOf } = this.#request;
    const pairs = pathsBetween([...this.#known], hostOf, this.#paths);
    if (pairs.length === 0) return;
    const probed = await this.probe({ kind: "echo", pairs, ...hostEchoes }, signal);
    const measured = probed.flatMap(bareOf);
    const lost = pairs.filter(({ from, to }) => !measured.some((one) => one.from === from && one.to === to));
    refuseLost(lost, hostOf, this.#request.probePorts);
    const paths = measured.map(({ from, to, ...figures }): BarePath => {
      return { fromHost: hostOf(from), toHost: hostOf(to), ...figures };
    });
    this.#paths = [...this.#paths, ...paths];
    this.#bare = changesOf(this.#request.links.matrix, this.#known).flatMap(({ from, to }) => {
      const path = this.#paths.find((one) => one.fromHost === hostOf(from) && one.toHost === hostOf(to));
      return path === undefined ? [] : [{ from, to, delayMs: path.delayMs, p99Ms: path.p99Ms }];
    });
    refuseWorse(changes, this.#paths, hostOf);
  }
}

async function disposeAll(sessions: readonly Session[]): Promise<void> {
  await Promise.allSettled(sessions.map(({ session }) => session[Symbol.asyncDispose]()));
}
