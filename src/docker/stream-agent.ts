import { Agent, type ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";

type Connected = (error: Error | null, stream: Duplex) => void;

/** What Node.js asks of a connection besides being a stream; only a socket can do it. */
const socketMethods = ["setTimeout", "setNoDelay", "setKeepAlive", "ref", "unref"] as const;

/**
 * An HTTP agent whose connections are streams that `connect` opens.
 *
 * @param limits `connections`: how many are open at once, further requests wait; `kept`: how many of them stay open
 * for the requests to come
 */
export function createStreamAgent(
  connect: () => Promise<Duplex>,
  limits: { readonly connections: number; readonly kept: number },
): Agent {
  return new StreamAgent(connect, limits);
}

class StreamAgent extends Agent {
  readonly #connect: () => Promise<Duplex>;

  constructor(
    connect: () => Promise<Duplex>,
    limits: { readonly connections: number; readonly kept: number },
  ) {
    super({ keepAlive: limits.kept > 0, maxSockets: limits.connections, maxFreeSockets: limits.kept });
    this.#connect = connect;
  }

  override createConnection(_options: ClientRequestArgs, connected?: Connected): undefined {
    this.#connect().then(
      (stream) => connected?.(null, asSocket(stream)),
      (error: Error) => connected?.(error, undefined as unknown as Duplex),
    );
  }
}

function asSocket(stream: Duplex): Duplex {
  // A stream that fails while no request uses it must not end the process: it closes, and the agent forgets it.
  stream.on("error", () => {});
  const socket = stream as Duplex & Partial<Record<(typeof socketMethods)[number], () => unknown>>;
  for (const name of socketMethods) socket[name] ??= () => socket;
  return socket;
}
