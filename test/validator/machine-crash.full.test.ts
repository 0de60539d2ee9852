import { test } from "vitest";
import { expectNoRoundSignedTwice } from "./machine-crash.ts";

test("no round is signed twice in 20 partitions that end with a torn log", async () => {
  await expectNoRoundSignedTwice({ seed: "full", tries: 20 });
}, 600_000);
