import { test } from "vitest";
import { expectCutsToRecover } from "./torn-logs.ts";

test("a log cut at any byte of its last segment comes back as what was whole: nothing else, and nothing less", async () => {
  await expectCutsToRecover(1);
}, 300_000);
