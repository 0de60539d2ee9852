/** What speaks against figures of messages that peers told of. Pure. */
import type { Connected, MessagePeer } from "../../../contracts/results/native/messages.ts";
import type { NativeResult } from "../../../contracts/results/native/native.ts";
import { downAtEnd } from "../messages/outages.ts";

type Run = Omit<NativeResult, "verdict">;

/** Writes that came later than scheduled by more than this at the 99th percentile were not made as planned. */
const mostLateMs = 250;
/** Gaps between writes may be random: so many standard deviations of their number are no fault. */
const deviations = 3;

/** Why the figures do not mean what their names say. */
export function messageInvalidities({ figures: { messages }, nodes, faults }: Run): string[] {
  if (messages === undefined) return [];
  const { peers, helpers, written, unknown, beforeWritten, isCut } = messages;
  return [
    ...peers.flatMap(peerReasons),
    ...planReasons(peers),
    // A peer that is down has connections to nobody.
    ...(downAtEnd(faults, nodes).size > 0 ? [] : [...peers, ...helpers].flatMap(connectionReasons)),
    ...(written === 0 ? ["No message was written in the window."] : []),
    ...(unknown === 0 ? [] : [`${unknown} reads are of messages that no peer says it wrote.`]),
    ...(beforeWritten === 0
      ? []
      : [`${beforeWritten} reads are earlier than their writes by more than the errors of the clocks.`]),
    ...(isCut
      ? ["There were more messages than can be followed. Use a lower load or a shorter window."]
      : []),
  ];
}

function peerReasons({ name, malformed, gap }: MessagePeer): string[] {
  return [
    ...(gap === undefined ? [] : [`Not all events of ${name} were read: ${gap}.`]),
    ...(malformed === 0 ? [] : [`${name} told ${malformed} events that could not be read.`]),
  ];
}

function planReasons(peers: readonly MessagePeer[]): string[] {
  const plans = new Map<string, string[]>();
  for (const { name, plan } of peers) {
    if (plan !== undefined) plans.set(plan, [...(plans.get(plan) ?? []), name]);
  }
  if (plans.size < 2) return [];
  const named = [...plans].map(([plan, names]) => `${names.slice(0, 5).join(", ")} by ${plan.slice(0, 8)}`);
  return [`Not all peers follow the same plan: ${named.join("; ")}.`];
}

function connectionReasons({ name, connections, expectedConnections }: Connected): string[] {
  if (connections === undefined || expectedConnections === undefined) return [];
  if (connections === expectedConnections) return [];
  return [`${name} has ${connections} connections, and the topology gives it ${expectedConnections}.`];
}

/** Why the load was not what was asked for. */
export function messageUnderload({ figures: { messages }, parameters, faults }: Run): string[] {
  if (messages === undefined || messages.written === 0) return [];
  const asked = parameters.loadTps * parameters.durationSecs;
  // Nodes that are down, stand still or are not there yet write nothing, or late.
  const joined = messages.peers.filter(({ joinedSecs }) => joinedSecs !== undefined);
  const disturbed = new Set([...faults.map(({ node }) => node), ...joined.map(({ name }) => name)]);
  const share = 1 - disturbed.size / parameters.nodes;
  const least = parameters.achievedRatio * share * asked - deviations * Math.sqrt(asked);
  const late = messages.peers.filter(
    ({ name, lateP99Ms = 0 }) => lateP99Ms > mostLateMs && !disturbed.has(name),
  );
  return [
    ...(messages.written < least
      ? [
          `The peers wrote ${messages.written} messages of ${Math.round(asked)} that they were configured for.`,
        ]
      : []),
    ...late.map(
      ({ name, lateP99Ms = 0 }) =>
        `${name} wrote late: p99 ${lateP99Ms.toFixed(1)} ms after the scheduled time (limit: ${mostLateMs} ms).`,
    ),
  ];
}
