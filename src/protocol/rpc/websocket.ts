import { onDemand } from "../../core/on-demand.ts";
import { type TlsSettings, tlsOptions } from "../../core/tls.ts";

const ws = onDemand<typeof import("ws")>("ws");

/** A connection that stands. */
export interface OpenWebSocket {
  readonly send: (text: string) => void;
  /** Ends it at once; `closed` is told. */
  readonly close: (reason: string) => void;
}

export interface WebSocketHandlers {
  readonly message: (bytes: Buffer) => void;
  /** Once, after the connection stood. */
  readonly closed: (reason: string) => void;
}

export interface WebSocketOptions {
  readonly timing: WebSocketTiming;
  /** For a wss URL. */
  readonly tls?: TlsSettings | undefined;
  /** Ends the connection, also one that does not stand yet. */
  readonly signal: AbortSignal;
}

export interface WebSocketTiming {
  readonly openTimeoutMs: number;
  /** A peer that is not heard of in a whole period, in spite of a ping, is taken for dead. */
  readonly pingPeriodMs: number;
}

/** Blocks come as one message each; a longer one breaks the connection. */
const messageLimitBytes = 256 * 2 ** 20;

/** Opens a client connection. Rejects where none stands in time. */
export async function openWebSocket(
  url: string,
  handlers: WebSocketHandlers,
  { timing, signal, tls }: WebSocketOptions,
): Promise<OpenWebSocket> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = new (ws().WebSocket)(url, {
      handshakeTimeout: timing.openTimeoutMs,
      maxPayload: messageLimitBytes,
      perMessageDeflate: false,
      ...(tls === undefined ? {} : tlsOptions(tls)),
    });
    let reason: string | undefined;
    let heard = true;
    const hear = () => {
      heard = true;
    };
    const close = (because: string) => {
      reason ??= because;
      socket.terminate();
    };
    const onAbort = () => close("aborted");
    signal.addEventListener("abort", onAbort, { once: true });
    socket.on("close", () => signal.removeEventListener("abort", onAbort));
    socket.on("error", (error) => {
      reason ??= error.message;
      reject(error);
    });
    socket.on("pong", hear);
    socket.on("ping", hear);
    // Never fragments or array buffers: the socket's binary type is left at its default.
    socket.on("message", (data) => {
      hear();
      handlers.message(data as Buffer);
    });
    socket.on("open", () => {
      const heartbeat = setInterval(() => {
        if (!heard) close(`no data or pong for ${timing.pingPeriodMs} ms`);
        heard = false;
        socket.ping();
      }, timing.pingPeriodMs);
      socket.on("close", (code) => {
        clearInterval(heartbeat);
        handlers.closed(reason ?? `the node closed the connection (code ${code})`);
      });
      resolve({ send: (text) => socket.send(text), close });
    });
  });
}
