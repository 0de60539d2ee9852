import { test } from "vitest";
import { expectCutsToRecover, expectFlipsToRecover } from "./torn-logs.ts";

test("a log cut at any byte of its last segment comes back as what was whole: nothing else, and nothing less", async () => {
  await expectCutsToRecover(1);
}, 300_000);

test("a log in whose last segment a bit flipped, in whichever record, keeps what stands behind it", async () => {
  await expectFlipsToRecover(1);
}, 300_000);
