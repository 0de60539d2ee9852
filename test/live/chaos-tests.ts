import { test } from "vitest";
import { runChaos } from "./chaos.ts";

/**
 * Declares the chaos tests; those of a committee with a member that lies only in `npm run test:full`. BALEEN_TEST_CHAOS_SEED chooses another schedule, BALEEN_TEST_CHAOS_SECS another length.
 *
 * @param usualSecs length of each where the environment names none
 */
export function describeChaos(usualSecs: number): void {
  const seed = process.env.BALEEN_TEST_CHAOS_SEED ?? "baleen";
  const lengthMs = Number(process.env.BALEEN_TEST_CHAOS_SECS ?? usualSecs) * 1000;
  const timeoutMs = lengthMs * 5 + 300_000;
  const shared = { seed, lengthMs };

  test(
    "four validators under load keep one chain and all they acknowledged, whatever happens to them",
    async () => {
      const tuning = { consensus: { checkpointIntervalHeights: 200 } };
      await runChaos({ ...shared, size: 4, rateTps: 200, tuning });
    },
    timeoutMs,
  );

  test("six validators keep it beside a seventh that signs two blocks in every round", {
    timeout: timeoutMs,
    tags: "full",
  }, async () => {
    const tuning = { consensus: { minRoundDelayMs: 100, checkpointIntervalHeights: 200 } };
    await runChaos({ ...shared, size: 7, rateTps: 70, tuning, hasEquivocator: true });
  });
}
