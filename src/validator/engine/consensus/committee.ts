/** Who takes part, with equal stake, and who leads when. Authorities are 0 to size - 1. */
export interface Committee {
  readonly size: number;
  /** f: how many may fail in any way. */
  readonly faults: number;
  /** Q = n - f: distinct authors, never blocks. */
  readonly quorum: number;
  /** k slots in every round from 1 on, at most `size`. */
  readonly leadersPerRound: number;
}

/** One leader slot; slots are ordered by (round, rank). */
export interface Slot {
  readonly round: number;
  /** 0 to leadersPerRound - 1. */
  readonly rank: number;
}

/** Builds a committee of `size` authorities that tolerates floor((size - 1) / 3) faults. */
export function buildCommittee(size: number, leadersPerRound: number): Committee {
  const faults = Math.floor((size - 1) / 3);
  return { size, faults, quorum: size - faults, leadersPerRound: Math.min(leadersPerRound, size) };
}

/** The authority that leads a slot: (round + rank) mod n. */
export function leaderOf(committee: Committee, slot: Slot): number {
  return (slot.round + slot.rank) % committee.size;
}

/** The slot's place in the order of all slots, from 0 for (1, 0). */
export function slotNumber(committee: Committee, slot: Slot): number {
  return (slot.round - 1) * committee.leadersPerRound + slot.rank;
}

/** The slot at a place of the order. */
export function slotAt(committee: Committee, number: number): Slot {
  const round = Math.floor(number / committee.leadersPerRound) + 1;
  return { round, rank: number % committee.leadersPerRound };
}
