import type {
  BytesEvent,
  ConnectionEvent,
  PeerEvent,
  ProbeEvent,
  ReadEvent,
  StateEvent,
  WriteEvent,
} from "../../../contracts/load/peer-events.ts";
import { probeOperations } from "../../../contracts/results/native/messages.ts";

/** What one peer told, besides its messages, in the order of telling. All times are by its own clock. */
export interface PeerRecord {
  readonly name: string;
  flavour: string | undefined;
  /** When it first began; undefined where it does not tell. */
  startedMs: number | undefined;
  readonly probes: Probes;
  readonly connections: ConnectionEvent[];
  readonly states: StateEvent[];
  /** By the other peer's name: rising sums over all lives of the peer. */
  readonly traffic: Map<string, TrafficCurve>;
  /** Reads of messages that could be read there already, by writer. */
  readonly doubled: Map<string, number>;
  malformed: number;
  /** Its last event, of whatever kind: what it did later is not known. */
  lastAtMs: number;
}

/** Attempts in columns: peers make many. */
export class Probes {
  readonly atMs: number[] = [];
  /** Place of the operation among all, times two, and one where it succeeded. */
  readonly #codes: number[] = [];

  add({ at, op, ok }: ProbeEvent): void {
    this.atMs.push(at);
    this.#codes.push(probeOperations.indexOf(op) * 2 + Number(ok));
  }

  /** Whether attempt number `index` was of this operation, and succeeded; undefined: of another one. */
  outcome(index: number, op: ProbeEvent["op"]): boolean | undefined {
    const code = this.#codes[index] as number;
    return probeOperations[code >> 1] === op ? (code & 1) === 1 : undefined;
  }
}

/** Sums of bytes at moments of the peer's clock. */
export class TrafficCurve {
  readonly atMs: number[] = [];
  readonly sent: number[] = [];
  readonly received: number[] = [];
  #base = { sent: 0, received: 0 };
  #last = { sent: 0, received: 0 };

  add({ at, sent, received }: BytesEvent): void {
    // Counters of a new life, or of a new connection, begin anew.
    if (sent < this.#last.sent || received < this.#last.received) this.restart();
    this.#last = { sent, received };
    this.atMs.push(at);
    this.sent.push(this.#base.sent + sent);
    this.received.push(this.#base.received + received);
  }

  restart(): void {
    const { sent, received } = this.#last;
    this.#base = { sent: this.#base.sent + sent, received: this.#base.received + received };
    this.#last = { sent: 0, received: 0 };
  }
}

/** One message. Times are by the clocks of the peers that told them. */
export interface Message {
  readonly writer: number;
  /** NaN for one that nobody says to have written. */
  readonly atMs: number;
  /** When it was due; when it was written, where there is no schedule. */
  readonly dueMs: number;
  readonly sizeBytes: number;
}

/** Messages are followed up to here; about 200 bytes each among eight peers. */
const mostMessages = 2_000_000;
/** Cells of the table of reads: messages times peers. */
const mostReads = 64_000_000;

/**
 * Events of all peers, in columns: the record of a message takes a few numbers for each peer, whatever was told of it.
 * Events may come in any order among the peers; those of one peer come in its order.
 */
export class MessageRecord {
  readonly peers: readonly PeerRecord[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #most: number;
  /** By writer: the message's row. */
  readonly #rows: readonly Map<string, number>[];
  readonly #writers: number[] = [];
  readonly #at: number[] = [];
  readonly #due: number[] = [];
  readonly #sizes: number[] = [];
  /** Row by row, one for each peer; NaN: it did not read it. */
  readonly #reads: number[] = [];
  #isCut = false;
  /** Of peers that the network does not have. */
  #unknownReads = 0;

  constructor(names: readonly string[], most = Math.min(mostMessages, Math.floor(mostReads / names.length))) {
    this.#most = most;
    this.#places = new Map(names.map((name, place) => [name, place]));
    this.#rows = names.map(() => new Map());
    this.peers = names.map((name) => ({
      name,
      flavour: undefined,
      startedMs: undefined,
      probes: new Probes(),
      connections: [],
      states: [],
      traffic: new Map(),
      doubled: new Map(),
      malformed: 0,
      lastAtMs: Number.NEGATIVE_INFINITY,
    }));
  }

  /** There were more messages than are followed. */
  get isCut(): boolean {
    return this.#isCut;
  }

  get messages(): number {
    return this.#writers.length;
  }

  /** Reads of messages whose writer is none of the peers. */
  get unknownReads(): number {
    return this.#unknownReads;
  }

  /** @param row from 0 */
  message(row: number): Message {
    return {
      writer: this.#writers[row] as number,
      atMs: this.#at[row] as number,
      dueMs: this.#due[row] as number,
      sizeBytes: this.#sizes[row] as number,
    };
  }

  /** When a peer could first read a message, by its clock; NaN where it never told so. */
  readMs(row: number, reader: number): number {
    return this.#reads[row * this.peers.length + reader] as number;
  }

  /** What could not be read as an event. */
  addMalformed(node: string): void {
    const peer = this.#peer(node);
    if (peer !== undefined) peer.malformed++;
  }

  /** Ignored where the node is none of the peers. */
  add(node: string, event: PeerEvent): void {
    const peer = this.#peer(node);
    if (peer === undefined) return;
    peer.lastAtMs = Math.max(peer.lastAtMs, event.at);
    switch (event.type) {
      case "write":
        this.#addWrite(peer, event);
        break;
      case "read":
        this.#addRead(peer, event);
        break;
      case "probe":
        peer.probes.add(event);
        break;
      case "connect":
      case "disconnect":
        peer.connections.push(event);
        break;
      case "bytes":
        curveOf(peer, event.peer).add(event);
        break;
      case "state":
        peer.states.push(event);
        break;
      default:
        peer.flavour = event.flavour;
        peer.startedMs ??= event.at;
        for (const curve of peer.traffic.values()) curve.restart();
    }
  }

  #peer(node: string): PeerRecord | undefined {
    return this.peers[this.#places.get(node) ?? -1];
  }

  #addWrite(peer: PeerRecord, { id, at, due = at, size }: WriteEvent): void {
    const row = this.#row(peer.name, id);
    if (row === undefined) return;
    // An id stands for one message.
    if (!Number.isNaN(this.#at[row])) {
      peer.malformed++;
      return;
    }
    this.#at[row] = at;
    this.#due[row] = due;
    this.#sizes[row] = size;
  }

  #addRead(peer: PeerRecord, { id, from, at }: ReadEvent): void {
    if (!this.#places.has(from)) {
      this.#unknownReads++;
      return;
    }
    const row = this.#row(from, id);
    if (row === undefined) return;
    const cell = row * this.peers.length + (this.#places.get(peer.name) as number);
    if (Number.isNaN(this.#reads[cell])) this.#reads[cell] = at;
    else peer.doubled.set(from, (peer.doubled.get(from) ?? 0) + 1);
  }

  /** Reads may be told before the write. */
  #row(writer: string, id: string): number | undefined {
    const place = this.#places.get(writer) as number;
    const rows = this.#rows[place] as Map<string, number>;
    const known = rows.get(id);
    if (known !== undefined) return known;
    if (this.#writers.length >= this.#most) {
      this.#isCut = true;
      return undefined;
    }
    const row = this.#writers.push(place) - 1;
    rows.set(id, row);
    this.#at.push(Number.NaN);
    this.#due.push(Number.NaN);
    this.#sizes.push(0);
    for (let peer = 0; peer < this.peers.length; peer++) this.#reads.push(Number.NaN);
    return row;
  }
}

/** At most so many other ends of one peer; a hostile one could name any. */
const mostCurves = 256;

function curveOf({ traffic }: PeerRecord, other: string): TrafficCurve {
  const known = traffic.get(other);
  if (known !== undefined) return known;
  const curve = new TrafficCurve();
  if (traffic.size < mostCurves) traffic.set(other, curve);
  return curve;
}
