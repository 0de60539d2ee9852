import { Agent, type ClientRequest, type ClientRequestArgs } from "node:http";
import { type Duplex, duplexPair } from "node:stream";

export interface ConnectionLimits {
  /** How many are open at once; further requests wait. */
  readonly connections: number;
  /** How many of them stay open for the requests to come. */
  readonly kept: number;
}

/** A kept connection that no request needs for this long is closed: it may be one of few that the machine allows. */
const idleMs = 15_000;

/** An HTTP agent whose connections are streams that `connect` opens. */
export class StreamAgent extends Agent {
  readonly #connect: () => Promise<Duplex>;
  readonly #idle = new WeakMap<Duplex, NodeJS.Timeout>();

  constructor(connect: () => Promise<Duplex>, { connections, kept }: ConnectionLimits) {
    super({ keepAlive: kept > 0, maxSockets: connections, maxFreeSockets: kept });
    this.#connect = connect;
  }

  override createConnection(_options: ClientRequestArgs): Duplex {
    // Returned before it is connected: a connection that is handed over later is not counted until then, and the
    // bound would not hold.
    const [near, far] = duplexPair();
    this.#connect().then(
      (stream) => joinStreams(near, far, stream),
      (error: Error) => near.destroy(error),
    );
    return asSocket(near);
  }

  override keepSocketAlive(socket: Duplex): boolean {
    this.#idle.set(socket, setTimeout(() => socket.destroy(), idleMs).unref());
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    clearTimeout(this.#idle.get(socket));
    super.reuseSocket(socket, request);
  }
}

/**
 * Carries both directions. What has come is read to its end, also where the stream closes right behind it: a command's
 * pipes do, when the engine has hung up.
 */
function joinStreams(near: Duplex, far: Duplex, stream: Duplex): void {
  // The request may have been given up meanwhile.
  if (near.destroyed) stream.destroy();
  near.once("close", () => stream.destroy());
  far.on("error", () => {});
  stream.once("error", (error) => near.destroy(error));
  stream.once("close", () => {
    if (!stream.readableEnded) near.destroy(new Error("the connection was closed"));
  });
  far.pipe(stream).pipe(far);
}

/** What Node.js asks of a connection besides being a stream; only a socket can do it. */
const socketMethods = ["setTimeout", "setNoDelay", "setKeepAlive", "ref", "unref"] as const;

function asSocket(stream: Duplex): Duplex {
  // One that fails while no request uses it must not end the process: it closes, and the agent forgets it.
  stream.on("error", () => {});
  // The engine has hung up: a kept connection would wait for the next request.
  stream.once("end", () => stream.end());
  const socket = stream as Duplex & Partial<Record<(typeof socketMethods)[number], () => unknown>>;
  for (const name of socketMethods) socket[name] ??= () => socket;
  return socket;
}
