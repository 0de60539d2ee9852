/** How long the soak's steady load runs, minutes; the other parts follow from it. */
export const soakMinutes = Number(process.env.BALEEN_TEST_SOAK_MINUTES ?? 30);

/** Milliseconds of a part: this share of the whole, where a limit is given at most that many minutes. */
export function partMs(share: number, mostMinutes = Number.POSITIVE_INFINITY): number {
  return Math.min(soakMinutes * share, mostMinutes) * 60_000;
}

/** For a part that takes so long, and for what comes before and after it on a busy machine. */
export function soakTimeoutMs(lengthMs: number): number {
  return 5 * lengthMs + 600_000;
}
