import { createHash } from "node:crypto";
import { seededRandom } from "../core/random.ts";
import type { PeerPlan } from "./config.ts";

/** SHA-256 of the plan's JSON, hexadecimal. */
export const planHash = (plan: PeerPlan): string =>
  createHash("sha256").update(JSON.stringify(plan)).digest("hex");

const [shortestGapSecs, longestGapSecs] = [0.01, 0.99];
const meanGapSecs = (shortestGapSecs + longestGapSecs) / 2;

/** Times between one write and the next, seconds, without end. The same plan and peer give the same ones. */
export function* gapsSecs(
  { seed, messagesPerSec, profile }: Pick<PeerPlan, "seed" | "messagesPerSec" | "profile">,
  peer: string,
): Generator<number, never> {
  const random = seededRandom(`${seed} ${peer}`);
  const meanSecs = 1 / messagesPerSec;
  for (;;) {
    if (profile === "fixed-rate") yield meanSecs;
    else {
      const gap = longestGapSecs - random.nextRatio() * (longestGapSecs - shortestGapSecs);
      yield (gap * meanSecs) / meanGapSecs;
    }
  }
}

/** Those that a peer has a connection to, by the plan. */
export function neighboursOf(
  { peers, edges }: Pick<PeerPlan, "peers" | "edges">,
  name: string,
): ReadonlySet<string> {
  if (edges === null) return new Set(peers.filter((peer) => peer !== name));
  return new Set(edges.flatMap(([a, b]) => (a === name ? [b] : b === name ? [a] : [])));
}

/** Each pair has one connection: the later one in the plan's order opens it. */
export function dials({ peers }: Pick<PeerPlan, "peers">, name: string, other: string): boolean {
  const [own, theirs] = [peers.indexOf(name), peers.indexOf(other)];
  // One that the plan does not know opens it.
  if (own === -1 || theirs === -1) return own === -1 && (theirs !== -1 || name > other);
  return own > theirs;
}
