/** A WebSocket server that sends what a test wants, well-formed or not. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { acceptOf } from "../../../../src/load/transport/websocket/handshake.ts";

export interface Peer {
  readonly socket: Socket;
  /** The peer's number, from 0. */
  readonly index: number;
  /** Answers so many so far. */
  answered: number;
}

export interface ScriptedServer extends AsyncDisposable {
  readonly port: number;
  /** Control frames that clients sent, in the order in which they came. */
  readonly controls: { readonly opcode: number; readonly payload: Buffer }[];
  readonly peers: Peer[];
}

export interface Script {
  /** Called for every message. */
  readonly message: (text: string, peer: Peer) => void;
  /** Called for every handshake; default: answers properly. */
  readonly handshake?: (head: string, peer: Peer) => void;
  /** It is spoken to over TLS. */
  readonly certified?: { readonly key: string; readonly cert: string };
}

/** A frame as servers send them: without a mask. */
export function frame(payload: string | Buffer, first = 0x81): Buffer {
  const bytes = Buffer.from(payload as string);
  const head = Buffer.alloc(bytes.length < 126 ? 2 : bytes.length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = head.length === 2 ? bytes.length : head.length === 4 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(bytes.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(bytes.length), 2);
  return Buffer.concat([head, bytes]);
}

export function handshakeReply(head: string): string {
  const key = /^sec-websocket-key: (\S+)\r$/im.exec(head)?.[1] ?? "";
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`;
}

export async function startScripted(script: Script): Promise<ScriptedServer> {
  const peers: Peer[] = [];
  const controls: ScriptedServer["controls"] = [];
  const serve = (socket: Socket) => {
    const peer: Peer = { socket, index: peers.length, answered: 0 };
    peers.push(peer);
    let rest = Buffer.alloc(0);
    let isOpen = false;
    socket.on("error", () => {});
    socket.on("data", (read) => {
      rest = Buffer.concat([rest, read]);
      const end = rest.indexOf("\r\n\r\n");
      if (!isOpen && end >= 0) {
        isOpen = true;
        const head = rest.toString("latin1", 0, end + 2);
        rest = rest.subarray(end + 4);
        if (script.handshake === undefined) socket.write(handshakeReply(head));
        else script.handshake(head, peer);
      }
      if (!isOpen) return;
      for (let taken = takeFrame(rest); taken !== undefined; taken = takeFrame(rest)) {
        rest = rest.subarray(taken.bytes);
        if (taken.opcode === 1) script.message(taken.payload.toString(), peer);
        else controls.push(taken);
      }
    });
  };
  const { certified } = script;
  const server = certified === undefined ? createServer(serve) : createTlsServer(certified, serve);
  // A handshake that a client breaks off.
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as { port: number }).port,
    controls,
    peers,
    [Symbol.asyncDispose]: async () => {
      for (const { socket } of peers) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** As RFC 6455 has it: what a client sends must be masked. */
function takeFrame(bytes: Buffer): { opcode: number; payload: Buffer; bytes: number } | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = [bytes[0] ?? 0, bytes[1] ?? 0];
  if (second < 0x80) throw new Error("a client's frame has no mask");
  const short = second & 0x7f;
  const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
  if (bytes.length < 2 + lengthBytes + 4) return undefined;
  const length =
    lengthBytes === 0 ? short : lengthBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const start = 2 + lengthBytes + 4;
  if (bytes.length < start + length) return undefined;
  const mask = bytes.subarray(start - 4, start);
  const payload = Buffer.from(
    bytes.subarray(start, start + length).map((byte, i) => byte ^ (mask[i & 3] ?? 0)),
  );
  return { opcode: first & 0x0f, payload, bytes: start + length };
}
