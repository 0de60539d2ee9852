import { expect, test } from "vitest";
import { ReasonCounts } from "../../../src/load/tally/reasons.ts";

test("reasons are counted, long ones shortened, and the 101st is counted with the others", () => {
  const reasons = new ReasonCounts();
  reasons.add("full");
  reasons.add("full");
  reasons.add("x".repeat(10_000));
  for (let i = 0; i < 1000; i++) reasons.add(`no ${i}`);
  reasons.add("full");
  expect(reasons.counts.get("full")).toBe(3);
  expect(reasons.counts.get(`${"x".repeat(200)}…`)).toBe(1);
  expect(reasons.counts.get("other reasons")).toBe(1002 - 100);
  expect(reasons.counts.size).toBe(101);
});
