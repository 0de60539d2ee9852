import { once } from "node:events";
import { Agent, type ClientRequest, type ClientRequestArgs } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { type Duplex, duplexPair } from "node:stream";
import type Docker from "dockerode";
import { readBounded } from "../../core/documents/read-bounded.ts";
import { describeError } from "../../core/errors.ts";
import { type EngineAddress, formatEngineAddress, type LocalEngineAddress } from "./endpoint.ts";
import { DockerError, type EnginePlace, explainDockerFailure } from "./error.ts";
import { parseEngineInfo } from "./streams.ts";
import { traceRequests } from "./trace.ts";

export type { default as Docker } from "dockerode";

/**
 * What the parts of an engine's interface share: the client library, twice, so that what takes long does not stand in
 * the way of what is short.
 */
export interface Client extends EnginePlace {
  /** For what is answered at once. */
  readonly requests: Docker;
  /** For what is sent or followed as long as it takes: events, images, commands in containers. */
  readonly streams: Docker;
  /** Longest wait for an answer. */
  readonly answerMs: number;
  /** The option of a request that ends it when its time is over. */
  readonly limited: (extraMs?: number) => { readonly abortSignal: AbortSignal };
  /** Makes a request, and puts its failure into words: `action` completes "Docker could not …". */
  readonly ask: <T>(action: string, request: () => Promise<T>) => Promise<T>;
  /** The same for requests without an answer. */
  readonly order: (action: string, request: () => Promise<unknown>) => Promise<void>;
}

/** Whether there is an engine shows sooner. */
export const probeTimeoutMs = 10_000;
/** An answer that takes longer than this is none; builds, pulls and events have no such limit. */
const answerTimeoutMs = 60_000;

export async function readInfo({ requests, limited }: Client) {
  // Its options are missing in the library's types only.
  const typed = requests as unknown as { info: (options: object) => Promise<unknown> };
  return parseEngineInfo(await typed.info(limited()));
}

/**
 * Connections to one engine over streams. An SSH server gives one connection ten sessions, unless told otherwise, and
 * `docker system dial-stdio` takes one of them for each: the rest is for commands.
 */
const streamLimits = {
  requests: {
    connections: 4,
    kept: 2,
    // The longest answer is a container's whole log, of which the engine keeps 40 MB.
    answerBytes: (path: string) =>
      (/^(?:\/v[\d.]+)?\/containers\/[^/]+\/logs\b/.test(path) ? 64 : 8) * 1024 * 1024,
  },
  streams: { connections: 3, kept: 0 },
};

/** @throws DockerError where the certificates of a TLS engine cannot be read, or nothing listens on this machine */
export async function connectClient(address: EngineAddress): Promise<Client> {
  const description = `${formatEngineAddress(address)} (${address.source})`;
  const place = { description, remote: address.kind === "stream" };
  const ask: Client["ask"] = async (action, request) => {
    try {
      return await request();
    } catch (error) {
      throw explainDockerFailure(action, place, error);
    }
  };
  const answerMs = address.kind === "stream" ? address.timeoutMs : answerTimeoutMs;
  const limited = (extraMs = 0) => ({ abortSignal: AbortSignal.timeout(answerMs + extraMs) });
  const order: Client["order"] = async (action, request) => void (await ask(action, request));
  if (address.kind === "stream") {
    const open = (limits: ConnectionLimits) => {
      const agent = traceRequests(new StreamAgent(address.connect, limits), `engine of ${address.source}`);
      // The name goes into the Host header only.
      return openLibrary({ host: "docker", port: 80, protocol: "http", pathPrefix: "/", agent });
    };
    const [requests, streams] = await Promise.all([open(streamLimits.requests), open(streamLimits.streams)]);
    return { ...place, requests, streams, answerMs, limited, ask, order };
  }
  const target = await describeTarget(address);
  await ask("report its version", () => reach(address));
  const docker = await openLibrary(target);
  return { ...place, requests: docker, streams: docker, answerMs, limited, ask, order };
}

/** Loaded when an engine was found: it takes a fifth of a second, and many machines have none. */
async function openLibrary(target: object): Promise<Docker> {
  const { default: Engine } = await import("dockerode");
  // It takes from the environment what is not given; that was decided when the address was resolved.
  const nothing = { host: undefined, ca: undefined, cert: undefined, key: undefined, timeout: undefined };
  return new Engine({ ...nothing, ...target });
}

/** Fails as a request would where nothing listens. */
async function reach(address: LocalEngineAddress): Promise<void> {
  const socket = address.kind === "unix" ? connect(address.socketPath) : connect(address.port, address.host);
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(probeTimeoutMs) });
  } finally {
    socket.destroy();
  }
}

async function describeTarget(address: LocalEngineAddress): Promise<object> {
  // A connection for each request: one that is kept would be dead once the engine was started anew.
  const agent = traceRequests(new Agent({ keepAlive: false }), formatEngineAddress(address));
  if (address.kind === "unix") return { socketPath: address.socketPath, agent };
  const { host, port, certificates } = address;
  const target = { host, port, pathPrefix: "/" };
  if (certificates === undefined) return { ...target, protocol: "http", agent };
  const read = async (name: string) => (await readBounded(join(certificates, name))).toString();
  const [ca, cert, key] = await Promise.all([read("ca.pem"), read("cert.pem"), read("key.pem")]).catch(
    (cause: unknown) => {
      const message = `Cannot read the certificates for the Docker engine (${address.source}): ${describeError(cause)}. Set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.`;
      throw new DockerError("certificates", message, { cause });
    },
  );
  return {
    ...target,
    protocol: "https",
    ca,
    cert,
    key,
    agent: traceRequests(new SecureAgent({ keepAlive: false }), formatEngineAddress(address)),
  };
}

export interface ConnectionLimits {
  /** How many are open at once; further requests wait. */
  readonly connections: number;
  /** How many of them stay open for the requests to come. */
  readonly kept: number;
  /** A longer answer to a request for that path is cut off; undefined: no limit. */
  readonly answerBytes?: ((path: string) => number) | undefined;
}

/** A kept connection that no request needs for this long is closed: it may be one of few that the machine allows. */
const idleMs = 15_000;

/** An HTTP agent whose connections are streams that `connect` opens. */
export class StreamAgent extends Agent {
  readonly #connect: () => Promise<Duplex>;
  readonly #idle = new WeakMap<Duplex, NodeJS.Timeout>();
  readonly #answerBytes: (path: string) => number;
  /** How much may come, and has come, of the answers to the present requests. */
  readonly #answers = new WeakMap<Duplex, { readonly mostBytes: number; takenBytes: number }>();

  constructor(connect: () => Promise<Duplex>, { connections, kept, answerBytes }: ConnectionLimits) {
    super({ keepAlive: kept > 0, maxSockets: connections, maxFreeSockets: kept });
    this.#connect = connect;
    this.#answerBytes = answerBytes ?? (() => Number.POSITIVE_INFINITY);
  }

  override createConnection({ path }: ClientRequestArgs): Duplex {
    // Returned before it is connected: a connection that is handed over later is not counted until then, and the
    // bound would not hold.
    const [near, far] = duplexPair();
    this.#expect(near, path);
    this.#connect().then(
      (stream) => {
        stream.on("data", (chunk: Buffer) => this.#count(near, chunk.length));
        joinStreams(near, far, stream);
      },
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
    this.#expect(socket, request.path);
    super.reuseSocket(socket, request);
  }

  #expect(near: Duplex, path: string | null | undefined): void {
    this.#answers.set(near, { mostBytes: this.#answerBytes(path ?? ""), takenBytes: 0 });
  }

  #count(near: Duplex, bytes: number): void {
    const answer = this.#answers.get(near);
    if (answer === undefined) return;
    answer.takenBytes += bytes;
    if (answer.takenBytes <= answer.mostBytes) return;
    near.destroy(new Error(`the answer is longer than ${answer.mostBytes / 1024 ** 2} MiB`));
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
