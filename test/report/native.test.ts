import { expect, test } from "vitest";
import { formatBounds, formatNativeSummaryText } from "../../src/report/native.ts";
import { nativeSummary } from "../bundle/sample-native.ts";
import { sweepParameters } from "../bundle/sample-results.ts";

test("a sweep over the nodes' own load looks as recorded", async () => {
  const parameters = { ...sweepParameters, loadsTps: [100, 200] };
  const text = formatNativeSummaryText(nativeSummary, parameters, { runtime: "process" });
  await expect(text).toMatchFileSnapshot("native.golden.txt");
});

test("quantiles are shown as the edges of their bucket", () => {
  expect(formatBounds({ aboveMs: 250, upToMs: 500 })).toBe("≤ 500 ms (bucket 250–500)");
  expect(formatBounds({ aboveMs: 2500 })).toBe("> 2500 ms (beyond the last bucket)");
  expect(formatBounds(undefined)).toBe("none seen");
});
