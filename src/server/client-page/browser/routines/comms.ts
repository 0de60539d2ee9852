import { builtInRoutines } from "../../../../contracts/peer-tests/routines.ts";
import { seededRandom } from "../../../../core/random.ts";
import { envelopeBytes } from "../envelope.ts";
import { encodePosition, encodeText } from "../payloads.ts";
import { periodic, together } from "./periodic.ts";
import type { MessageKind, RoutineOptions, SimulatedPeer } from "./routine.ts";

const position: MessageKind = { name: "position", isReliable: false };
const profile: MessageKind = { name: "profile", isReliable: false };
const chat: MessageKind = { name: "chat", isReliable: true };

/** Sizes of what users of a virtual world send, envelope included: a wallet's address and a version, or a line of text. */
const profileBytes = 58 - envelopeBytes;
const chatBytes = 91 - envelopeBytes;

/**
 * The usual routine: a position every 100 ms, a profile every 1,000 and a chat message every 10,000. For another rate, all
 * three are as many times faster or slower.
 */
export function createRoutine(
  peer: SimulatedPeer,
  { messagesPerSec = builtInRoutines.comms }: RoutineOptions,
) {
  // Peers that start together must not send together.
  const random = seededRandom(peer.id);
  const every = (usualMs: number) => {
    const everyMs = usualMs * (builtInRoutines.comms / messagesPerSec);
    return { everyMs, firstMs: random.nextRatio() * everyMs };
  };
  return together(
    periodic(every(100), (one) => one.send(position, encodePosition(one.position))),
    periodic(every(1_000), (one) => one.send(profile, encodeText("profile", one.id, profileBytes))),
    periodic(every(10_000), (one) => one.send(chat, encodeText("chat", "Hello from a peer", chatBytes))),
  );
}
