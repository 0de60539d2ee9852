import { connect, type Socket } from "node:net";
import type { Endpoint } from "../../../contracts/deployment.ts";

export interface SocketEvents {
  /** The connection stands. */
  readonly connected: () => void;
  /** What was read; gone when this returns. */
  readonly bytes: (read: Buffer) => void;
  /** The other side will send no more. */
  readonly ended: () => void;
  readonly failed: (error: Error) => void;
}

/** Reads are synchronous, and taken up before the next one: all sockets of a thread share this. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Opens a connection to a node, which the caller ends with `destroy`. */
export function openSocket({ host, port }: Endpoint, events: SocketEvents): Socket {
  const socket = connect({
    host,
    port,
    noDelay: true,
    onread: {
      buffer: readBuffer,
      callback: (length) => {
        events.bytes(readBuffer.subarray(0, length));
        return true;
      },
    },
  });
  socket.once("connect", events.connected);
  socket.once("end", events.ended);
  socket.on("error", events.failed);
  return socket;
}
