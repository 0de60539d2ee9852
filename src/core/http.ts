import type { Agent } from "undici";
import { onDemand } from "./on-demand.ts";
import { type TlsSettings, tlsOptions } from "./tls.ts";

/** A reply, read to its end. */
export interface HttpReply {
  readonly status: number;
  readonly body: string;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ControlRequest extends HttpRequest {
  /** For an https origin. */
  readonly tls?: TlsSettings | undefined;
}

/** Largest replies that are read, bytes: a block with all its transactions, and the answer to one transaction. */
const largestReplyBytes = { controlPlane: 256 * 1024 * 1024, pool: 4 * 1024 * 1024 };

const undici = onDemand<typeof import("undici")>("undici");

/** By their settings of TLS; without any under "". */
const controlPlanes = new Map<string, Agent>();

/** A kept set of connections to one origin. */
export interface HttpPool extends AsyncDisposable {
  /** Sends one request, never again by itself, and reads the whole reply. Rejects where no whole reply came. */
  readonly send: (request: HttpRequest) => Promise<HttpReply>;
}

/** Control-plane request on a connection of its own. Rejects where no whole reply came in time. */
export async function sendHttp(origin: string, options: ControlRequest): Promise<HttpReply> {
  const { statusCode, body } = await requestControl(origin, options);
  return { status: statusCode, body: await body.text() };
}

/** `sendHttp` without making text of the reply. */
export async function fetchBytes(
  origin: string,
  options: ControlRequest,
): Promise<{ readonly status: number; readonly body: Buffer<ArrayBuffer> }> {
  const { statusCode, body } = await requestControl(origin, options);
  return { status: statusCode, body: Buffer.from(await body.arrayBuffer()) };
}

function requestControl(origin: string, options: ControlRequest) {
  const dispatch = { ...dispatchOptions(options), dispatcher: controlPlaneFor(options.tls), reset: true };
  return undici().request(`${origin}${options.path}`, dispatch);
}

function controlPlaneFor(tls: TlsSettings | undefined): Agent {
  const key = tls === undefined ? "" : JSON.stringify([tls.ca, tls.serverName]);
  const made =
    controlPlanes.get(key) ??
    new (undici().Agent)({
      maxResponseSize: largestReplyBytes.controlPlane,
      ...(tls && { allowH2: false, connect: tlsOptions(tls) }),
    });
  controlPlanes.set(key, made);
  return made;
}

export interface HttpPoolOptions {
  /** Most that stand at once, each with one request under way at a time. */
  readonly connections: number;
  /** Longest wait for a connection to stand; past it, requests fail with UND_ERR_CONNECT_TIMEOUT. */
  readonly connectTimeoutMs: number;
  /** For an https origin. */
  readonly tls?: TlsSettings | undefined;
  /** Default: room for the answer to one transaction. */
  readonly largestReplyBytes?: number | undefined;
}

export function openHttpPool(origin: string, options: HttpPoolOptions): HttpPool {
  const { connections, connectTimeoutMs, tls, largestReplyBytes: mostBytes } = options;
  const pool = new (undici().Pool)(origin, {
    connections,
    connectTimeout: connectTimeoutMs,
    ...(tls === undefined ? {} : { connect: tlsOptions(tls) }),
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: 60_000,
    maxResponseSize: mostBytes ?? largestReplyBytes.pool,
  });
  return {
    send: async (options) => {
      const reply = await pool.request({ path: options.path, ...dispatchOptions(options) });
      return { status: reply.statusCode, body: await reply.body.text() };
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

function dispatchOptions(options: HttpRequest) {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  return {
    method: options.method,
    headers: options.headers ?? {},
    ...(options.body === undefined ? {} : { body: options.body }),
    signal: options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]),
  };
}
