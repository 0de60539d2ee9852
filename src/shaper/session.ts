import {
  type KernelMechanism,
  kernelMechanisms,
  type OpenCommand,
  type ShaperCommand,
  type ShaperPlace,
  type ShaperReport,
} from "../contracts/links/shaper.ts";
import { systemClock } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
import { quantileOf } from "../core/numbers/quantile.ts";
import { openThread, type Remote } from "./calls.ts";
import {
  attachDiagnostics,
  mechanismDiagnostics,
  openDiagnostics,
  probeDiagnostics,
  setDiagnostics,
  whyUnprobed,
} from "./diagnostics.ts";
import { ShaperError } from "./error.ts";
import type { Mechanism, MechanismOptions } from "./mechanism.ts";
import { type HeldPlace, hold, isSameNamespace, letGo } from "./namespaces.ts";
import { openNetem } from "./netem/netem.ts";
import { Network } from "./network.ts";
import { Overlay } from "./overlay/overlay.ts";
import { type Probed, Probes } from "./probe/probes.ts";
import { openNfqueue } from "./queue/nfqueue.ts";
import { Segment } from "./segment/segment.ts";
import type { ToolOperations } from "./tools/operations.ts";

export interface Listeners {
  readonly report: (report: ShaperReport) => void;
  /** A thread has ended by itself. */
  readonly fail: (error: unknown) => void;
}

type Command<T extends ShaperCommand["type"]> = Extract<ShaperCommand, { readonly type: T }>;

/** The links of one network, from `open` to the end. */
export class Session {
  readonly #open: OpenCommand;
  readonly #listeners: Listeners;
  readonly #tools: Remote<ToolOperations>;
  readonly #probes: Probes;
  readonly #network: Network<HeldPlace>;
  readonly #segment: Segment | undefined;
  readonly #overlay: Overlay;
  #mechanism: Mechanism | undefined;
  /** Changes wait for each other; probes do not. */
  #changed: Promise<unknown> = Promise.resolve();
  #isClosing = false;
  /** Namespaces that are ours. */
  readonly #cleared = new Set<number>();

  constructor(open: OpenCommand, listeners: Listeners) {
    this.#open = open;
    this.#listeners = listeners;
    this.#tools = openThread<ToolOperations>("./tools/thread", {
      base: import.meta.url,
      fail: listeners.fail,
    });
    this.#network = new Network<HeldPlace>([], open.links);
    this.#segment = open.segment && new Segment(open.segment, this.#tools);
    this.#overlay = new Overlay(this.#network, this.#tools);
    this.#probes = new Probes(this.#network, listeners.fail);
  }

  /** @throws ShaperError with all that is wrong, a line each */
  async start(): Promise<void> {
    const { id, places, links, others } = this.#open;
    refuse(openDiagnostics(this.#open));
    const { held, found } = this.#hold(places);
    this.#network.attach(held);
    const network = this.#network;
    const mechanism = await this.#choose().catch((error: unknown) => {
      refuse([...found, describeError(error)]);
    });
    if (mechanism === undefined) return;
    const lacking = await this.#whyNoOverlay(places);
    refuse([...found, ...lacking, ...mechanismDiagnostics(mechanism, { links, others, network })]);
    await this.#clear(held);
    await this.#segment?.attach(held);
    await this.#probes.attach(held);
    const bare = await this.#measureBare();
    const opener = mechanism === "netem" ? openNetem : openNfqueue;
    this.#mechanism = await opener(this.#options());
    await this.#mechanism.attach(held);
    await this.#overlay.attach();
    const { realTime } = this.#mechanism;
    this.#listeners.report({ type: "ready", id, mechanism, realTime, bare });
  }

  /** Replies when it is done. */
  obey(command: Exclude<ShaperCommand, { readonly type: "open" | "stop" }>): void {
    const { id } = command;
    const { report } = this.#listeners;
    this.#perform(command).then(
      ({ atMs = systemClock.monotonicMs(), probed = [] }) => report({ type: "done", id, atMs, probed }),
      (error) => report({ type: "refused", id, reason: describeError(error) }),
    );
  }

  /** Removes all that is ours from namespaces that still exist, and releases packets. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const namespace of this.#cleared) await this.#tools.clear(namespace).catch(() => {});
    await this.#segment?.close();
    await this.#mechanism?.close();
  }

  #perform(command: Command<"attach" | "set" | "echo" | "goodput">): Promise<Done> {
    if (command.type === "echo" || command.type === "goodput") return this.#probe(command);
    const change = this.#changed.then(() =>
      command.type === "attach" ? this.#attach(command) : this.#set(command),
    );
    this.#changed = change.catch(() => {});
    return change;
  }

  async #probe(command: Command<"echo" | "goodput">): Promise<Done> {
    refuse(probeDiagnostics(command.pairs, this.#network));
    return {
      probed: await (command.type === "echo" ? this.#probes.echo(command) : this.#probes.goodput(command)),
    };
  }

  async #attach({ places }: Command<"attach">): Promise<Done> {
    refuse(attachDiagnostics(places, this.#network));
    const { held, found } = this.#hold(places);
    refuse(found);
    const old = places.flatMap(({ name }) => this.#network.place(name) ?? []);
    const current = held.map((place) => this.#keepNamespace(place));
    const known = new Set(old.map(({ namespace }) => namespace));
    await this.#clear(current.filter(({ namespace }) => !known.has(namespace)));
    this.#network.attach(current);
    await this.#segment?.attach(current);
    await this.#mechanism?.attach(current);
    await this.#overlay.attach();
    await this.#probes.attach(current);
    const kept = new Set(current.map(({ namespace }) => namespace));
    for (const place of old) if (!kept.has(place.namespace)) await this.#leave(place);
    return {};
  }

  /** A node that is still in its old namespace keeps the rules there. */
  #keepNamespace(place: HeldPlace): HeldPlace {
    const old = this.#network.place(place.name)?.namespace;
    const { namespace } = place;
    if (old === undefined || namespace === undefined || !isSameNamespace(old, namespace)) return place;
    letGo(place);
    return { ...place, namespace: old };
  }

  /** It is usually gone with its node. */
  async #leave(place: HeldPlace): Promise<void> {
    const { namespace } = place;
    if (namespace === undefined) return;
    await this.#tools.clear(namespace).catch(() => {});
    this.#cleared.delete(namespace);
    this.#overlay.forget(namespace);
    letGo(place);
  }

  async #set({ links }: Command<"set">): Promise<Done> {
    const network = this.#network;
    const mechanism = this.#mechanism;
    if (mechanism === undefined) throw new ShaperError("Nothing is shaped yet.");
    const { name } = mechanism;
    refuse([
      ...setDiagnostics(links, network),
      ...mechanismDiagnostics(name, { links, others: undefined, network }),
    ]);
    network.set(links);
    return { atMs: await mechanism.set(links) };
  }

  /** Removes what a killed shaper has left. @throws ShaperError where another one is at work */
  async #clear(places: readonly HeldPlace[]): Promise<void> {
    for (const { name, namespace } of places) {
      if (namespace === undefined) continue;
      const owner = await this.#tools.ownerOf(namespace);
      if (owner !== undefined)
        refuse([`Process ${owner} shapes the links of ${name} already. End it first.`]);
      this.#cleared.add(namespace);
      await this.#tools.clear(namespace);
    }
  }

  #hold(places: readonly ShaperPlace[]): { readonly held: HeldPlace[]; readonly found: string[] } {
    const [held, found]: [HeldPlace[], string[]] = [[], []];
    for (const place of places) {
      try {
        const added = hold(place);
        const twin = held.find(
          ({ namespace }) => namespace && added.namespace && isSameNamespace(namespace, added.namespace),
        );
        if (twin !== undefined)
          found.push(`Nodes ${twin.name} and ${place.name} share a network namespace. Give each its own.`);
        held.push(added);
      } catch (error) {
        found.push(describeError(error));
      }
    }
    return { held, found };
  }

  async #whyNoOverlay(places: readonly ShaperPlace[]): Promise<string[]> {
    if (places.every(({ overlay }) => overlay === undefined)) return [];
    const reason = await this.#tools.whyNoOverlay();
    if (reason === undefined) return [];
    return [
      `This kernel makes no interfaces for a network under test (VXLAN): ${reason}. Load the module vxlan.`,
    ];
  }

  /** @throws ShaperError that says why each does not work */
  async #choose(): Promise<KernelMechanism> {
    const wanted = this.#open.mechanism === undefined ? kernelMechanisms : [this.#open.mechanism];
    const reasons: string[] = [];
    for (const name of wanted) {
      const reason = await this.#tools.whyNot(name);
      if (reason === undefined) return name;
      reasons.push(`${name} does not work here: ${reason}`);
    }
    throw new ShaperError(reasons.join("\n"));
  }

  #options(): MechanismOptions {
    const tools = this.#tools;
    const unlessClosing =
      <V extends readonly unknown[], R>(work: (...values: V) => Promise<R>) =>
      async (...values: V) => {
        if (this.#isClosing) throw new ShaperError("The shaper ends.");
        return work(...values);
      };
    return {
      ...this.#listeners,
      open: this.#open,
      network: this.#network,
      tools: {
        installRules: unlessClosing(tools.installRules),
        routes: unlessClosing(tools.routes),
        traffic: unlessClosing(tools.traffic),
      },
    };
  }

  async #measureBare(): Promise<readonly Probed[]> {
    const { links, bareEchoes } = this.#open;
    const network = this.#network;
    const pairs = links.filter((link) => whyUnprobed(link, network).length === 0);
    if (bareEchoes === 0 || pairs.length === 0) return [];
    const bare = await this.#probes.bare(pairs, bareEchoes);
    for (const { from, to, way, delaysMs } of bare) {
      if (way === "one-way" && delaysMs.length > 0) network.setBare({ from, to }, quantileOf(delaysMs, 0.5));
    }
    return bare;
  }
}

interface Done {
  readonly atMs?: number;
  readonly probed?: readonly Probed[];
}

/** @throws ShaperError where anything was found */
function refuse(found: readonly string[]): void {
  if (found.length > 0) throw new ShaperError(found.join("\n"));
}
