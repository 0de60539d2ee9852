import { expect, test } from "vitest";
import { linksLike } from "../../src/links/like.ts";
import { parseLinks } from "../../src/links/parse.ts";
import { resolveLinks } from "../../src/links/resolve.ts";

const report = (rttMs: number | undefined) => ({
  hosts: [],
  pairs: [
    { from: "paris", to: "tokyo", rttMs },
    { from: "tokyo", to: "paris", rttMs: rttMs === undefined ? undefined : rttMs + 2 },
  ],
});
const hostOf = ["paris", "tokyo", "paris", "tokyo"];

test("half of the median round trip is the delay of each direction", () => {
  const file = linksLike(
    { hostOf, reports: [report(200), report(210), report(900)] },
    { title: "like them" },
  );
  const { spec } = parseLinks(JSON.stringify(file), "like them");
  const nodes = hostOf.map((_, place) => ({ name: `node${place}`, group: "validator" }));
  const { matrix } = resolveLinks(spec ?? expect.fail("it is no links file"), nodes);
  // Of 200, 202, 210, 212, 900, 902.
  expect(matrix?.shapes[0]?.[1]).toMatchObject({ delayMs: 105.5, down: false });
  expect(matrix?.shapes[3]?.[2]).toMatchObject({ delayMs: 105.5 });
  expect(matrix?.shapes[0]?.[2]).toMatchObject({ delayMs: 0 });
});

test("without a round trip there is nothing to be like", () => {
  expect(linksLike({ hostOf, reports: [report(undefined)] }, {})).toBeUndefined();
  expect(linksLike({ hostOf: ["paris", "paris"], reports: [] }, {})).toBeUndefined();
});
