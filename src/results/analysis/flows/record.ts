import type {
  DaemonEvent,
  FlowEvent,
  FrameEvent,
  InterfacesEvent,
  ProgramEvent,
  ReceivedEvent,
  SentEvent,
  ViewEvent,
} from "../../../contracts/load/flow-events.ts";
import type { PlannedFlow } from "../../../contracts/load/flows.ts";
import { EmulatedLinks } from "./emulated.ts";
import { parseRecordedFlowLine } from "./parse-event.ts";

/** What one host told of itself and the network, in the order of telling. All times are by its own clock. */
export interface HostRecord {
  readonly name: string;
  /** When its program began, each time. */
  readonly startsMs: number[];
  readonly views: ViewEvent[];
  readonly daemons: DaemonEvent[];
  readonly counters: InterfacesEvent[];
  malformed: number;
}

/** Arrivals in columns, in the order of telling. */
export interface Arrivals {
  readonly sequences: number[];
  readonly atMs: number[];
  /** By the clock of the sender. */
  readonly sentAtMs: number[];
}

/** Packets of one life of the sender's program, from `base` on among all. */
interface Life {
  readonly startMs: number;
  readonly base: number;
}

/** What both ends told of one flow. Packets stand in the order of sending; times are by the clock of whoever told them. */
export class FlowTold {
  readonly plan: PlannedFlow;
  /** NaN: nobody told of it, although of a later one. */
  readonly sentMs: number[] = [];
  readonly sizes: number[] = [];
  /** After its schedule; NaN: it has none. */
  readonly lateMs: number[] = [];
  readonly refused = new Set<number>();
  readonly forth: Arrivals = { sequences: [], atMs: [], sentAtMs: [] };
  readonly back: Arrivals = { sequences: [], atMs: [], sentAtMs: [] };
  readonly frames: FrameEvent[] = [];
  readonly intervals: ProgramEvent[] = [];
  readonly #lives: Life[] = [{ startMs: Number.NEGATIVE_INFINITY, base: 0 }];

  constructor(plan: PlannedFlow) {
    this.plan = plan;
  }

  /** The sender's program begins anew. */
  startAgain(startMs: number): void {
    this.#lives.push({ startMs, base: this.sentMs.length });
  }

  /** @returns false for numbers that were used before, or are far from those before */
  addSent({ at, first, us, lateUs, size, refused = [] }: SentEvent): boolean {
    const { base } = this.#lives.at(-1) as Life;
    const missing = base + first - this.sentMs.length;
    if (missing < 0 || missing > mostMissing) return false;
    for (let count = 0; count < missing; count++) this.#push(Number.NaN, size, Number.NaN);
    us.forEach((one, place) => {
      this.#push(at + one / 1000, size, (lateUs?.[place] ?? Number.NaN) / 1000);
    });
    for (const sequence of refused) this.refused.add(base + sequence);
    return true;
  }

  #push(sentMs: number, size: number, lateMs: number): void {
    this.sentMs.push(sentMs);
    this.sizes.push(size);
    this.lateMs.push(lateMs);
  }

  addReceived({ at, way, packets }: ReceivedEvent): void {
    const { sequences, atMs, sentAtMs } = this[way];
    for (const [sequence, us, sentMs] of packets) {
      sequences.push(sequence);
      atMs.push(at + us / 1000);
      sentAtMs.push(sentMs);
    }
  }

  /** Place of the packet that arrived; undefined where the sender does not tell of it. */
  placeOf({ sequences, sentAtMs }: Arrivals, arrival: number): number | undefined {
    const sentMs = sentAtMs[arrival] as number;
    const life = this.#lives.findLastIndex(({ startMs }) => startMs <= sentMs);
    const { base } = this.#lives[life] as Life;
    const end = this.#lives[life + 1]?.base ?? this.sentMs.length;
    const place = base + (sequences[arrival] as number);
    return place < end && !Number.isNaN(this.sentMs[place]) ? place : undefined;
  }

  /** Of packets and arrivals. */
  get size(): number {
    return this.sentMs.length + this.forth.atMs.length + this.back.atMs.length;
  }
}

/** Packets and arrivals are followed up to here, together; some 30 bytes each. */
const mostFollowed = 8_000_000;
/** Numbers between two batches of a sender of which nobody told. */
const mostMissing = 100_000;
/** Routes and links of all views together, and events of other kinds. */
const mostSeen = 2_000_000;

/** All that hosts told in one run. Events may come in any order among the hosts; those of one host come in its order. */
export class FlowRecord {
  readonly hosts: readonly HostRecord[];
  readonly flows: readonly FlowTold[];
  readonly emulated = new EmulatedLinks();
  readonly #byHost: ReadonlyMap<string, HostRecord>;
  readonly #byFlow: ReadonlyMap<string, FlowTold>;
  readonly #most: number;
  #followed = 0;
  #seen = 0;
  #isCut = false;

  constructor(names: readonly string[], flows: readonly PlannedFlow[], most = mostFollowed) {
    this.hosts = names.map((name) => ({
      name,
      startsMs: [],
      views: [],
      daemons: [],
      counters: [],
      malformed: 0,
    }));
    this.flows = flows.map((plan) => new FlowTold(plan));
    this.#byHost = new Map(this.hosts.map((host) => [host.name, host]));
    this.#byFlow = new Map(this.flows.map((flow) => [flow.plan.name, flow]));
    this.#most = most;
  }

  /** There was more than is followed. */
  get isCut(): boolean {
    return this.#isCut;
  }

  addMalformed(name: string): void {
    const host = this.#byHost.get(name);
    if (host !== undefined) host.malformed++;
  }

  /** A line of a bundle's file. @throws TypeError naming what is wrong */
  addRecorded(line: string): void {
    const found = parseRecordedFlowLine(line);
    if ("node" in found) this.add(found.node, found.event);
    else this.emulated.add(found);
  }

  add(name: string, event: FlowEvent): void {
    const host = this.#byHost.get(name);
    if (host === undefined) return;
    const cost = costOf(event);
    const isOfPackets = event.type === "sent" || event.type === "received";
    if ((isOfPackets ? this.#followed + cost : this.#seen + cost) > (isOfPackets ? this.#most : mostSeen)) {
      this.#isCut = true;
      return;
    }
    if (isOfPackets) this.#followed += cost;
    else this.#seen += cost;
    if (!this.#take(host, event)) host.malformed++;
  }

  /** @returns false for what this host has nothing to say of */
  #take(host: HostRecord, event: FlowEvent): boolean {
    switch (event.type) {
      case "start":
        host.startsMs.push(event.at);
        for (const flow of this.flows) if (flow.plan.from === host.name) flow.startAgain(event.at);
        return true;
      case "view":
        host.views.push(event);
        return true;
      case "daemon":
        host.daemons.push(event);
        return true;
      case "interfaces":
        host.counters.push(event);
        return true;
      default:
        return this.#takeOfFlow(host, event);
    }
  }

  #takeOfFlow({ name }: HostRecord, event: SentEvent | ReceivedEvent | FrameEvent | ProgramEvent): boolean {
    const flow = this.#byFlow.get(event.flow);
    if (flow === undefined) return false;
    const { from, to } = flow.plan;
    switch (event.type) {
      case "sent":
        return name === from && flow.addSent(event);
      case "received":
        if (name !== (event.way === "forth" ? to : from)) return false;
        flow.addReceived(event);
        return true;
      case "frame":
        if (name === to) flow.frames.push(event);
        return name === to;
      case "program":
        if (name === from || name === to) flow.intervals.push(event);
        return name === from || name === to;
    }
  }
}

function costOf(event: FlowEvent): number {
  switch (event.type) {
    case "sent":
      return event.us.length;
    case "received":
      return event.packets.length;
    case "view":
      return 1 + event.routes.length + event.links.length;
    case "interfaces":
      return event.counters.length;
    default:
      return 1;
  }
}
