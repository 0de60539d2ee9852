/** Datagrams of our own, and pictures made of them. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { preciseNow } from "../../journal.ts";
import { type FlowEnd, largestDatagramBytes } from "../config.ts";
import type { Teller } from "../teller.ts";
import { Frames } from "./frames.ts";
import { readHead, writeHead } from "./packet.ts";
import { followRate } from "./schedule.ts";

export interface FlowSetting {
  readonly flow: FlowEnd;
  /** Of this host in the network under test: sockets are bound to it, so that its routes decide on the way. */
  readonly address: string;
  readonly teller: Teller;
  /** The first packet has arrived (or its echo, at the sender of a flow that is reflected). */
  readonly onFirst: () => void;
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void;
  readonly signal: AbortSignal;
}

/** How a flow's payload is divided: a picture into datagrams of one size. */
export function datagramsOf({ kind, sizeBytes }: Pick<FlowEnd, "kind" | "sizeBytes">) {
  const parts = kind === "video" ? Math.ceil(sizeBytes / largestDatagramBytes) : 1;
  return { parts, bytes: Math.ceil(sizeBytes / parts) };
}

async function bind({ address, signal }: FlowSetting, port: number): Promise<Socket> {
  const socket = createSocket({ type: "udp4", recvBufferSize: 4 * 1024 * 1024 });
  socket.bind(port, address);
  await once(socket, "listening", { signal });
  // Routes come and go; what a datagram met is told with it.
  socket.on("error", () => {});
  return socket;
}

/** Resolves when the signal aborts. */
export async function sendDatagrams(setting: FlowSetting): Promise<void> {
  const { flow, teller, onFirst, signal } = setting;
  const { name, to, reflects, perSec = 1 } = flow;
  const { parts, bytes } = datagramsOf(flow);
  const socket = await bind(setting, 0);
  try {
    const sent = teller.sentOf(name, bytes);
    const back = teller.receivedOf(name, "back", bytes);
    if (reflects) {
      socket.on("message", (packet) => {
        const head = readHead(packet);
        if (head === undefined) return;
        back.add(head.sequence, head.sentAtMs);
        onFirst();
      });
    } else onFirst();
    let sequence = 0;
    const send = (frame: number, lateMs: number) => {
      for (let part = 0; part < parts; part++) {
        const own = sequence++;
        const packet = Buffer.alloc(bytes);
        writeHead(packet, { sequence: own, sentAtMs: preciseNow(), frame, parts });
        sent.add(own, lateMs);
        socket.send(packet, to.port, to.host, (error) => {
          if (error !== null) sent.refuse(own);
        });
      }
    };
    await followRate(perSec, send, signal);
  } finally {
    socket.close();
  }
}

/** Resolves when the signal aborts. */
export async function receiveDatagrams(setting: FlowSetting): Promise<void> {
  const { flow, teller, onFirst, signal } = setting;
  const { name, to, kind, reflects } = flow;
  const socket = await bind(setting, to.port);
  const received = teller.receivedOf(name, "forth", datagramsOf(flow).bytes);
  using frames = kind === "video" ? new Frames(name, (event) => teller.tell(event)) : undefined;
  socket.on("message", (packet, { address, port }) => {
    const head = readHead(packet);
    if (head === undefined) return;
    received.add(head.sequence, head.sentAtMs);
    frames?.take(head);
    onFirst();
    if (reflects) socket.send(packet, port, address, () => {});
  });
  try {
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    socket.close();
  }
}
