import { connect as connectInTheClear, isIP, type Socket } from "node:net";
import { connect as connectOverTls } from "node:tls";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { tlsOptions } from "../../core/tls.ts";

export interface SocketRequest {
  readonly rpc: Endpoint;
  readonly connectTimeoutMs: number;
  /** What is read is laid here; sockets may share it, since what they read is taken at once. */
  readonly readInto: Uint8Array;
}

export interface SocketListener {
  readonly opened: () => void;
  /** So many bytes stand in the buffer. */
  readonly read: (lengthBytes: number) => void;
  /** Once: the other side closed it (undefined), or what went wrong. The socket is to be destroyed. */
  readonly ended: (code: string | undefined) => void;
}

/** Opens a socket that reads without making a buffer each time. `ended` is told if it does not stand in time. */
export function openSocket(request: SocketRequest, listener: SocketListener): Socket {
  const { rpc, readInto, connectTimeoutMs } = request;
  const { host, port, tls } = rpc;
  const read = (lengthBytes: number) => {
    listener.read(lengthBytes);
    return true;
  };
  const options = { host, port, noDelay: true, onread: { buffer: readInto, callback: read } };
  const socket =
    tls === undefined
      ? connectInTheClear(options)
      : connectOverTls({ ...options, servername: isIP(host) === 0 ? host : "", ...tlsOptions(tls) });
  const patience = setTimeout(() => listener.ended("CONNECT_TIMEOUT"), connectTimeoutMs);
  socket.once(tls === undefined ? "connect" : "secureConnect", () => {
    clearTimeout(patience);
    listener.opened();
  });
  socket.on("error", (error: NodeJS.ErrnoException) => listener.ended(error.code ?? error.name));
  socket.on("end", () => listener.ended(undefined));
  socket.on("close", () => {
    clearTimeout(patience);
    listener.ended(undefined);
  });
  return socket;
}
