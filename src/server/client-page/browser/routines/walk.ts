import { seededRandom } from "../../../../core/random.ts";
import { createRoutine as createComms } from "./comms.ts";
import { together } from "./periodic.ts";
import type { RoutineOptions, SimulatedPeer } from "./routine.ts";

const metresPerSec = 1.5;
const radius = 20;

/** Walks in a circle around where it began, and sends as the usual routine does. */
export function createRoutine(peer: SimulatedPeer, options: RoutineOptions) {
  const [x, y, z] = peer.position;
  const startAngle = 2 * Math.PI * seededRandom(peer.id).nextRatio();
  const walk = (elapsed: number) => {
    const angle = startAngle + ((elapsed / 1000) * metresPerSec) / radius;
    const along = [Math.cos(angle) - Math.cos(startAngle), Math.sin(angle) - Math.sin(startAngle)] as const;
    peer.position = [x + radius * along[0], y, z + radius * along[1]];
  };
  return together(walk, createComms(peer, options));
}
