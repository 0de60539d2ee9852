import { seededRandom } from "../../../../core/random.ts";
import { encodePosition, encodeText } from "../payloads.ts";
import { periodic, together } from "./periodic.ts";
import type { MessageKind, SimulatedPeer } from "./routine.ts";

const position: MessageKind = { name: "position", isReliable: false };
const profile: MessageKind = { name: "profile", isReliable: false };
const chat: MessageKind = { name: "chat", isReliable: true };

/** Sizes in bytes of what users of a virtual world send: a wallet's address and a version, or a line of text. */
const profileBytes = 58;
const chatBytes = 91;

/** The usual routine: a position every 100 ms, a profile every 1,000 and a chat message every 10,000. */
export function createRoutine(peer: SimulatedPeer) {
  // Peers that start together must not send together.
  const random = seededRandom(peer.id);
  const every = (everyMs: number) => ({ everyMs, firstMs: random.nextRatio() * everyMs });
  return together(
    periodic(every(100), (one) => one.send(position, encodePosition(one.position))),
    periodic(every(1_000), (one) => one.send(profile, encodeText("profile", one.id, profileBytes))),
    periodic(every(10_000), (one) => one.send(chat, encodeText("chat", "Hello from a peer", chatBytes))),
  );
}
