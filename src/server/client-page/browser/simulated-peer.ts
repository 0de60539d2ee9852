/** A peer of the library, as a routine sees it; what it sends and what arrives is counted. */
import { type ArrivalCounts, Deliveries } from "./deliveries.ts";
import { seal, unseal } from "./envelope.ts";
import type { OpenedPeer, PeerLibrary, ReceivedMessage } from "./libraries/peer-library.ts";
import type { PageParameters } from "./parameters.ts";
import { decodePosition } from "./payloads.ts";
import type { MessageKind, Position, SimulatedPeer } from "./routines/routine.ts";

const layer = "blue";
const room = "room";

/** Messages of one kind, since the peer was opened. */
export interface KindCounts extends ArrivalCounts {
  /** Each counts once, however many peers it goes to. */
  readonly sent: number;
}

/** Clocks of two machines are no further apart: what says otherwise was sent by another program. */
const mostApartMs = 24 * 3600 * 1000;

/** Milliseconds since 1970; finer than `Date.now`, and never set back. */
const wallClock = () => performance.timeOrigin + performance.now();

export class CountingPeer implements SimulatedPeer {
  readonly id: string;
  position: Position = randomPlace();
  #opened: OpenedPeer | undefined;
  /** What arrived since it was opened. */
  readonly deliveries = new Deliveries();
  readonly #now: () => number;
  readonly #sentByKind = new Map<string, number>();
  #sent = 0;
  #refused = 0;

  constructor(id: string, now = wallClock) {
    this.id = id;
    this.#now = now;
  }

  /** Connects and joins. @throws Error where the lighthouse does not accept the peer */
  async open(library: PeerLibrary, parameters: PageParameters): Promise<OpenedPeer> {
    const opened = await library.openPeer({
      peerId: this.id,
      lighthouseUrl: parameters.lighthouseUrl,
      iceServers: parameters.iceServers,
      position: () => this.position,
      onMessage: (message) => this.#receive(message),
    });
    this.#opened = opened;
    await opened.join(layer, room);
    return opened;
  }

  send(kind: MessageKind, payload: Uint8Array): void {
    const message = seal({ sequence: this.#sent, sentAtMs: this.#now() }, payload);
    this.#sent++;
    this.#sentByKind.set(kind.name, (this.#sentByKind.get(kind.name) ?? 0) + 1);
    this.#opened?.send(room, kind, message).catch(() => {
      this.#refused++;
    });
  }

  /** Messages that its routine sent, of all kinds. */
  get sent(): number {
    return this.#sent;
  }

  /** Those that the library refused, when they were handed to it. */
  get refused(): number {
    return this.#refused;
  }

  /** What it sent and what arrived, by kind. */
  get kinds(): ReadonlyMap<string, KindCounts> {
    const arrived = this.deliveries.kinds;
    const names = new Set([...this.#sentByKind.keys(), ...arrived.keys()]);
    const nothing = { delivered: 0, repeated: 0 };
    return new Map(
      [...names].map((name) => [
        name,
        { sent: this.#sentByKind.get(name) ?? 0, ...(arrived.get(name) ?? nothing) },
      ]),
    );
  }

  #receive({ from, kind, payload: message }: ReceivedMessage): void {
    const opened = unseal(message);
    // A copy of its own that came back is no message of another peer.
    if (opened === undefined || from === this.id) return;
    const { sequence, sentAtMs, payload } = opened;
    const latencyMs = this.#now() - sentAtMs;
    if (Math.abs(latencyMs) > mostApartMs) return;
    this.deliveries.add({ from, kind, sequence, latencyMs });
    const position = decodePosition(payload);
    if (position !== undefined) this.#opened?.keepPosition(from, position);
  }
}

/** As long as the address of an Ethereum wallet, which the library's users have for an id. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** So near the origin that any two peers are in reach of each other, by the rules of the lighthouse. */
function randomPlace(): Position {
  const [angle = 0, distance = 0] = crypto.getRandomValues(new Uint32Array(2));
  const metres = 32 * Math.sqrt(distance / 2 ** 32);
  const radians = (2 * Math.PI * angle) / 2 ** 32;
  return [metres * Math.cos(radians), 0, metres * Math.sin(radians)];
}
