/** Partitions that leave a validator's own blocks with one other, and a crash of its machine that takes them from its log. */
import { test } from "vitest";
import { expectNoRoundSignedTwice } from "../validator/machine-crash.ts";

const seed = process.env.BALEEN_TEST_CHAOS_SEED ?? new Date().toISOString();

test("no round is signed twice in 200 partitions that end with a torn log", async () => {
  await expectNoRoundSignedTwice({ seed, tries: 200 });
}, 3_600_000);
