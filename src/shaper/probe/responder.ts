import { createSocket, type RemoteInfo } from "node:dgram";
import { createServer, type Socket } from "node:net";
import type { Clock } from "../../core/clock.ts";
import type { Libc } from "../kernel/libc.ts";
import { listenTcp, openUdp, sendPacket, socketAddress } from "../kernel/sockets.ts";
import { receiveGoodput } from "./goodput.ts";
import { kinds, makeReply, type ProbePacket, readPacket } from "./packets.ts";

/** Connections of others at once. */
const mostConnections = 1024;

export interface ResponderPlan {
  readonly name: string;
  /** Descriptor. */
  readonly namespace: number;
  readonly port: number;
}

/** Answers probes in the namespace of one node, and is the socket from which its own go out. */
export interface Responder {
  readonly namespace: number;
  readonly socket: number;
  readonly close: () => void;
}

export interface ResponderOptions {
  readonly libc: Libc;
  readonly clock: Clock;
  /** Packets that are no requests. */
  readonly onPacket: (packet: ProbePacket, atMs: number) => void;
  /** A connection of TCP has begun. */
  readonly onStream: (socket: Socket) => void;
}

/** @throws ShaperError where a port is taken */
export async function openResponder(plan: ResponderPlan, options: ResponderOptions): Promise<Responder> {
  const { libc, clock, onPacket, onStream } = options;
  const { namespace, port } = plan;
  const descriptor = openUdp(libc, namespace, port);
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  socket.on("message", (bytes: Buffer, from: RemoteInfo) => {
    const atMs = clock.monotonicMs();
    const packet = readPacket(bytes);
    if (packet === undefined) return;
    if (packet.kind !== kinds.request) return onPacket(packet, atMs);
    makeReply(bytes);
    sendPacket(libc, descriptor, { bytes, to: socketAddress(from.address, from.port) });
  });
  await new Promise<void>((resolve) => socket.bind({ fd: descriptor }, resolve));
  try {
    const server = createServer((connection) => {
      onStream(connection);
      receiveGoodput(connection, clock);
    });
    server.maxConnections = mostConnections;
    server.on("error", () => {});
    const fd = listenTcp(libc, namespace, port);
    await new Promise<void>((resolve) => server.listen({ fd }, resolve));
    return {
      namespace,
      socket: descriptor,
      close: () => {
        socket.close();
        server.close();
      },
    };
  } catch (error) {
    socket.close();
    throw error;
  }
}
