/** A peer of the library, as a routine sees it; what it sends and receives is counted. */
import type { OpenedPeer, PeerLibrary } from "./libraries/peer-library.ts";
import type { PageParameters } from "./parameters.ts";
import { decodePosition } from "./payloads.ts";
import type { MessageKind, Position, SimulatedPeer } from "./routines/routine.ts";

const layer = "blue";
const room = "room";

export class CountingPeer implements SimulatedPeer {
  readonly id: string;
  position: Position = randomPlace();
  #opened: OpenedPeer | undefined;
  readonly #sent = new Map<string, number>();
  readonly #received = new Map<string, number>();
  #refused = 0;

  constructor(id: string) {
    this.id = id;
  }

  /** Connects and joins. @throws Error where the lighthouse does not accept the peer */
  async open(library: PeerLibrary, parameters: PageParameters): Promise<OpenedPeer> {
    const opened = await library.openPeer({
      peerId: this.id,
      lighthouseUrl: parameters.lighthouseUrl,
      iceServers: parameters.iceServers,
      position: () => this.position,
      onMessage: ({ from, kind, payload }) => {
        count(this.#received, kind);
        const position = decodePosition(payload);
        if (position !== undefined) this.#opened?.keepPosition(from, position);
      },
    });
    this.#opened = opened;
    await opened.join(layer, room);
    return opened;
  }

  send(kind: MessageKind, payload: Uint8Array): void {
    count(this.#sent, kind.name);
    this.#opened?.send(room, kind, payload).catch(() => {
      this.#refused++;
    });
  }

  /** Messages since it was opened: each that was sent counts once, however many peers it goes to. */
  get messages(): {
    readonly sent: ReadonlyMap<string, number>;
    readonly received: ReadonlyMap<string, number>;
    /** By the library, when they were handed to it. */
    readonly refused: number;
  } {
    return { sent: this.#sent, received: this.#received, refused: this.#refused };
  }
}

const count = (counts: Map<string, number>, kind: string) => counts.set(kind, (counts.get(kind) ?? 0) + 1);

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
