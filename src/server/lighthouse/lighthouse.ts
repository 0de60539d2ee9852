import type { IncomingMessage } from "node:http";
import { formatAuthority, isLoopback } from "../../core/address.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import { createApp, guardReading, type ListenOptions, listenOn } from "../http/listen.ts";
import { defaultRules, type IslandRules } from "./islands.ts";
import { defaultLimits, type LighthouseLimits } from "./limits.ts";
import { type LighthousePeer, LighthousePeers } from "./peers.ts";
import { Signalling, signallingPath } from "./signalling.ts";

export interface LighthouseOptions extends ListenOptions {
  /** Of this package. */
  readonly version: string;
  readonly limits?: Partial<LighthouseLimits> | undefined;
  readonly rules?: Partial<IslandRules> | undefined;
  /** Between two looks at who is near whom. Default 2,000. */
  readonly islandUpdateMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

export interface Lighthouse extends AsyncDisposable {
  /** What peers are given: "http://127.0.0.1:9000". */
  readonly url: string;
  /** Validated peers now. */
  readonly peerCount: number;
}

/** Requests and WebSockets besides those of peers. */
const otherConnections = 100;
const usualIslandUpdateMs = 2_000;

/**
 * Starts a meeting place of peers, until it is disposed of: who is near whom, and the way of their offers and answers
 * until they are connected. Nobody is authenticated, as by one that runs with NO_AUTH=true; on loopback, pages of other
 * machines' sites are refused.
 *
 * @throws ListenError where it cannot listen there
 */
export async function startLighthouse(options: LighthouseOptions): Promise<Lighthouse> {
  const { listen, knownAs, clock = systemClock } = options;
  const limits = { ...defaultLimits, ...options.limits };
  await using opened = new AsyncDisposableStack();
  const peers = new LighthousePeers({ ...defaultRules, ...options.rules });
  const app = createApp(limits.peers + otherConnections);
  opened.defer(() => app.close());
  const signalling = opened.use(new Signalling(peers, limits, clock));
  const everyMs = options.islandUpdateMs ?? usualIslandUpdateMs;
  const update = setInterval(() => peers.updateIslands(), everyMs);
  opened.defer(() => clearInterval(update));

  let port = options.port;
  guardReading(app, () => ({ listen, port, knownAs }));
  const validated = () => peers.all.filter((peer) => peer.isValidated);
  app.get("/status", () => ({
    name: "baleen",
    version: options.version,
    ready: true,
    usersCount: validated().length,
    islandsCount: peers.islands().size,
    maxUsers: limits.peers,
  }));
  app.get("/peers", () => ({ ok: true, peers: validated().map(describePeer) }));
  app.get("/peers/topology", () => ({
    ok: true,
    topology: validated().map(({ id, connectedPeerIds }) => ({ id, connectedPeers: connectedPeerIds })),
  }));
  app.get("/islands", () => ({
    ok: true,
    islands: [...peers.islands()].map(([id, members]) => ({ id, peers: members.map(describePeer) })),
  }));
  app.server.on("upgrade", (request, stream, head) => {
    stream.on("error", () => stream.destroy());
    if (mayConnect(request, listen)) signalling.upgrade(request, stream, head);
    else stream.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
  });
  port = await listenOn(app, options);
  const scope = opened.move();
  return {
    url: `http://${formatAuthority({ host: listen, port })}`,
    get peerCount() {
      return validated().length;
    },
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  };
}

const describePeer = ({ id, position, islandId }: LighthousePeer) => ({ id, position, islandId });

/** Where only this machine can reach it, only pages of this machine may. */
function mayConnect({ url = "", headers }: IncomingMessage, listen: string): boolean {
  if (url.split("?", 1)[0] !== signallingPath) return false;
  const { origin } = headers;
  if (origin === undefined || !isLoopback(listen)) return true;
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname.replace(/^\[(.*)\]$/, "$1"));
}
