import { connect, type Socket } from "node:net";
import { FrameReader } from "../../src/validator/engine/sync/frames.ts";
import { largestMessageBytes } from "../../src/validator/engine/sync/messages.ts";
import { Handshake } from "../../src/validator/net/handshake.ts";
import { readHome } from "../../src/validator/node/home.ts";
import { buildMembership } from "../../src/validator/node/membership.ts";

/** A validator that keeps the protocol up to the handshake; from there on its sockets do what the caller wants. */
export async function startRawPeer(
  files: { readonly folder: string },
  opened: (peer: number, socket: Socket) => void,
): Promise<void> {
  const home = await readHome(files.folder);
  const membership = buildMembership(home);
  const dial = (peer: (typeof home.config.peers)[number]) => {
    const handshake = new Handshake(membership, () => undefined);
    const reader = new FrameReader(largestMessageBytes);
    const socket = connect({ host: peer.host, port: peer.port, noDelay: true });
    const greet = (chunk: Buffer) => {
      for (const frame of reader.push(chunk)) {
        const next = handshake.take(frame);
        if ("reply" in next) socket.write(Buffer.concat(next.reply));
        else {
          socket.off("data", greet);
          opened(peer.authority, socket);
          return;
        }
      }
    };
    socket.on("connect", () => socket.write(Buffer.concat(handshake.hello())));
    socket.on("data", greet);
    socket.on("error", () => undefined);
    socket.on("close", () => setTimeout(dial, 200, peer));
  };
  for (const peer of home.config.peers) dial(peer);
}
