/** What the normal tests do with four and seven validators, with ten; and chaos for longer, with another seed each time. */
import { test } from "vitest";
import { runChaos } from "../live/chaos.ts";
import { describeLiveChecks } from "../live/live-checks.ts";
import { partMs, soakTimeoutMs } from "./length.ts";

describeLiveChecks({ size: 10, rateTps: 50, minRoundDelayMs: 200 });

const seed = process.env.BALEEN_TEST_CHAOS_SEED ?? new Date().toISOString();

test.each([
  { size: 4, rateTps: 200, minRoundDelayMs: 50 },
  { size: 7, rateTps: 100, minRoundDelayMs: 100 },
])(
  "$size validators keep one chain and all they acknowledged through long chaos",
  async (setting) => {
    const { minRoundDelayMs, ...committee } = setting;
    const tuning = { consensus: { minRoundDelayMs, checkpointIntervalHeights: 200 } };
    await runChaos({ seed, ...committee, tuning, lengthMs: partMs(1 / 3) });
  },
  soakTimeoutMs(partMs(1 / 3)),
);
