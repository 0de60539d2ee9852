/** Seeded chaos. BALEEN_TEST_CHAOS_SEED chooses another schedule, BALEEN_TEST_CHAOS_SECS another length. */
import { test } from "vitest";
import { runChaos } from "../live/chaos.ts";

const seed = process.env.BALEEN_TEST_CHAOS_SEED ?? "baleen";
const lengthSecs = Number(process.env.BALEEN_TEST_CHAOS_SECS ?? 120);

test(
  "four validators under load keep one chain and all they acknowledged, whatever happens to them",
  async () => {
    const tuning = { consensus: { checkpointIntervalHeights: 200 } };
    await runChaos({ seed, size: 4, rateTps: 200, tuning, lengthMs: lengthSecs * 1000 });
  },
  (lengthSecs * 5 + 300) * 1000,
);

test(
  "six validators keep it beside a seventh that signs two blocks in every round",
  async () => {
    const tuning = { consensus: { minRoundDelayMs: 100, checkpointIntervalHeights: 200 } };
    const lengthMs = (lengthSecs * 1000) / 4;
    await runChaos({ seed, size: 7, rateTps: 70, tuning, lengthMs, hasEquivocator: true });
  },
  (lengthSecs * 5 + 300) * 1000,
);
