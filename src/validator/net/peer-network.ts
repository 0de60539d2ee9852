import { connect, createServer, isIP, type Server, type Socket } from "node:net";
import { delay } from "../../core/async.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import type { Message } from "../engine/sync/messages.ts";
import { RateLimit } from "../engine/sync/rate-limit.ts";
import type { Address, PeerAddress } from "../wire/node-files.ts";
import { Bans, defaultBanPeriods } from "./bans.ts";
import type { Identity } from "./handshake.ts";
import { type LinkSide, PeerLink, type Traffic } from "./peer-link.ts";
import { WaitingRoom } from "./waiting-room.ts";

/** What the network tells; a peer has at most one open link at a time. */
export interface PeerListener {
  readonly opened: (link: PeerLink, authority: number) => void;
  readonly message: (authority: number, message: Message) => void;
  readonly drained: (authority: number) => void;
  readonly closed: (authority: number, reason: string) => void;
  /**
   * A connection was not taken, or closed for breaking the protocol. Of one peer this is told a few times, then at most
   * once in a while; `more`: how often it happened since without being told.
   */
  readonly refused: (peer: string, reason: string, more: number) => void;
}

const firstRetryMs = 100;
const longestRetryMs = 1_000;
const checkMs = 1_000;

/** How the network bears with peers that misbehave. */
export type PeerPatience = Partial<Readonly<typeof defaultPatience>>;

const defaultPatience = {
  bans: defaultBanPeriods,
  /** Between two times that the same peer's refusals are told, after the first three. */
  reportEveryMs: 10_000,
  /** Long: a process that has much to catch up on a busy machine answers late. */
  handshakeMs: 10_000,
};

/** Connections to all other validators, one per pair: the one with the higher authority dials. */
export class PeerNetwork implements Disposable {
  readonly #identity: Identity;
  readonly #listener: PeerListener;
  readonly #links = new Map<number, PeerLink>();
  readonly #all = new Set<PeerLink>();
  readonly #stopping = new AbortController();
  readonly #handshakeMs: number;
  readonly #bans: Bans;
  readonly #waitingRoom: WaitingRoom;
  /** How often an address may connect where no validator is known to stand behind it. */
  readonly #knocks: RateLimit;
  /** By authority: where it has to be, or was when it last proved who it is. */
  readonly #memberAddresses = new Map<number, string>();
  readonly #reporting: RateLimit;
  /** Over connections that have ended, by authority. */
  readonly #former = new Map<number, Traffic>();
  #server: Server | undefined;
  #checker: NodeJS.Timeout | undefined;

  constructor(identity: Identity, listener: PeerListener, patience: PeerPatience = {}) {
    const { bans, reportEveryMs, handshakeMs } = { ...defaultPatience, ...patience };
    this.#identity = identity;
    this.#listener = listener;
    this.#handshakeMs = handshakeMs;
    this.#bans = new Bans(bans);
    this.#reporting = new RateLimit({ burst: 3, everyMs: reportEveryMs, mostKeys: 256 });
    const size = identity.publicKeys.length;
    // All validators may stand behind one address.
    const mostPerAddress = 2 * size + 64;
    this.#waitingRoom = new WaitingRoom({ mostPerAddress, most: 4 * mostPerAddress });
    this.#knocks = new RateLimit({ burst: 4 * size + 16, everyMs: 1_000 / (size + 4), mostKeys: 1_024 });
  }

  /** Open links by authority. */
  get links(): ReadonlyMap<number, PeerLink> {
    return this.#links;
  }

  /** By authority, over all connections that there were to it, from the first one on. */
  traffic(): ReadonlyMap<number, Traffic> {
    const all = new Map(this.#former);
    for (const link of this.#all) addTraffic(all, link);
    return all;
  }

  /**
   * Listens, and dials the peers with a lower authority until they answer, also after a connection was lost.
   *
   * @throws BaleenError "peer-listen" where it cannot listen there
   */
  async start(own: Address, peers: readonly PeerAddress[]): Promise<void> {
    const { authority, publicKeys } = this.#identity;
    const dials = (peer: number) => peer > authority && peer < publicKeys.length;
    for (const { authority: peer, host } of peers)
      if (isIP(host) !== 0) this.#memberAddresses.set(peer, host);
    const server = createServer((socket) => {
      const address = plainAddress(socket.remoteAddress);
      if (this.#admits(address)) this.#receive(this.#adopt(socket, this.#side(false, dials)), address);
      else socket.destroy();
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      // Stays: a later error concerns a new connection, and must not end the process.
      server.on("error", (cause) => {
        const reason = describeError(cause);
        if (server.listening) {
          this.#notify("anyone", `it could not be accepted: ${reason}`);
          return;
        }
        const failure = `Cannot listen for peers on ${own.host}:${own.port}: ${reason}.`;
        reject(
          new BaleenError("peer-listen", `${failure} Choose another port, or free this one.`, { cause }),
        );
      });
      server.listen(own.port, own.host, resolve);
    });
    if (this.#stopping.signal.aborted) return;
    this.#checker = setInterval(() => {
      for (const link of this.#links.values()) link.check();
      for (const [peer, count] of this.#reporting.passHeldBack(performance.now())) {
        this.#listener.refused(peer, "as before", count);
      }
    }, checkMs);
    for (const peer of peers) if (peer.authority < authority) this.#dial(peer, firstRetryMs);
  }

  [Symbol.dispose](): void {
    this.#stopping.abort();
    this.#server?.close();
    clearInterval(this.#checker);
    for (const link of this.#all) link.close("this validator stops");
  }

  #dial(peer: PeerAddress, retryMs: number): void {
    if (this.#stopping.signal.aborted) return;
    const side = this.#side(true, (authority) => authority === peer.authority);
    const socket = connect({ host: peer.host, port: peer.port });
    this.#adopt(socket, side, ({ authority }) => {
      const nextMs = authority === undefined ? Math.min(2 * retryMs, longestRetryMs) : firstRetryMs;
      const bannedMs = this.#bans.remainingMs(peer.authority, performance.now());
      const dialAgain = () => this.#dial(peer, nextMs);
      delay(Math.max(retryMs, bannedMs), this.#stopping.signal).then(dialAgain, () => undefined);
    });
  }

  /** An incoming connection: another one may have to give way to it. */
  #receive(link: PeerLink, address: string): void {
    const evicted = this.#waitingRoom.enter(link, address);
    if (evicted === undefined) return;
    this.#notify(
      plainAddress(evicted.remoteAddress),
      "it had not proven who it is when its place was needed",
    );
    evicted.close("its place was needed");
  }

  /** Takes a new connection among the ones that are told of and closed at the end. */
  #adopt(socket: Socket, side: LinkSide, ended?: (link: PeerLink) => void): PeerLink {
    const known = (notify: (authority: number) => void) => {
      if (link.authority !== undefined && this.#links.get(link.authority) === link) notify(link.authority);
    };
    const link = new PeerLink(socket, side, {
      opened: () => this.#open(link),
      message: (message) => known((authority) => this.#listener.message(authority, message)),
      drained: () => known((authority) => this.#listener.drained(authority)),
      closed: (reason, violation) => {
        this.#all.delete(link);
        this.#waitingRoom.leave(link);
        addTraffic(this.#former, link);
        known((authority) => {
          this.#links.delete(authority);
          this.#listener.closed(authority, reason);
        });
        if (violation) this.#blame(link, reason);
        ended?.(link);
      },
    });
    this.#all.add(link);
    return link;
  }

  /** A newer connection replaces an older one: the other side has given that one up. */
  #open(link: PeerLink): void {
    const { authority } = link;
    if (authority === undefined) return;
    this.#waitingRoom.leave(link);
    this.#memberAddresses.set(authority, plainAddress(link.remoteAddress));
    const former = this.#links.get(authority);
    this.#links.set(authority, link);
    if (former !== undefined) {
      this.#listener.closed(authority, "replaced by a newer connection");
      former.close("replaced by a newer connection");
    }
    this.#listener.opened(link, authority);
  }

  /** Whether a new connection from an address is taken at all: always where it may be a validator's. */
  #admits(address: string): boolean {
    if (this.#memberAddresses.values().some((each) => each === address)) return true;
    if (this.#knocks.pass(address, performance.now()) !== undefined) return true;
    this.#notify(address, "it connects too often");
    return false;
  }

  /** Only who has proven its name is kept away under it. */
  #blame({ authority, remoteAddress }: PeerLink, reason: string): void {
    if (authority === undefined) {
      this.#notify(remoteAddress, reason);
      return;
    }
    const bannedMs = this.#bans.ban(authority, performance.now());
    this.#notify(`validator ${authority}`, `${reason}; it is banned for ${bannedMs / 1000} s`);
  }

  #notify(peer: string, reason: string): void {
    const more = this.#reporting.pass(peer, performance.now());
    if (more !== undefined) this.#listener.refused(peer, reason, more);
  }

  #side(outbound: boolean, expects: (authority: number) => boolean): LinkSide {
    const refusal = (authority: number) => {
      if (!expects(authority)) return "not expected here";
      const bannedMs = this.#bans.remainingMs(authority, performance.now());
      return bannedMs > 0 ? `banned for ${Math.ceil(bannedMs / 1000)} s more` : undefined;
    };
    return { outbound, identity: this.#identity, refusal, handshakeMs: this.#handshakeMs };
  }
}

/** An IPv4 address that came over an IPv6 socket, as it is written elsewhere. */
function plainAddress(address = ""): string {
  return address.replace(/^::ffff:/, "");
}

function addTraffic(to: Map<number, Traffic>, { authority, traffic }: PeerLink): void {
  if (authority === undefined) return;
  const { receivedBytes = 0, sentBytes = 0 } = to.get(authority) ?? {};
  to.set(authority, {
    receivedBytes: receivedBytes + traffic.receivedBytes,
    sentBytes: sentBytes + traffic.sentBytes,
  });
}
