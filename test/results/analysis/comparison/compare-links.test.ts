import { expect, test } from "vitest";
import { compareSweeps } from "../../../../src/results/analysis/comparison/compare.ts";
import { compareLinks } from "../../../../src/results/analysis/comparison/compare-links.ts";
import { certifyLinks, listLinkRows } from "../../../../src/results/analysis/links/certify.ts";
import { formatComparison } from "../../../../src/results/report/blocks/comparison.ts";
import { repeated, sideOf } from "../../sample-comparisons.ts";
import { delayed, linkedRun, linkProbes, sampleLink } from "../../sample-links.ts";
import { validRun } from "../../sample-results.ts";

const linked = { runs: [linkedRun] };
const probesOf = (delaysMs: readonly number[]) => {
  const links = delaysMs.map((ms, at) => sampleLink([`node${at}`, "other"], delayed(ms)));
  return { ...linkProbes, links, linksOfNetwork: links.length };
};
const runOf = (probes: typeof linkProbes) => ({ ...linkedRun, linkCertificate: certifyLinks(probes) });

test("links that are the same, or none, do not differ", () => {
  expect(compareLinks(linked, { runs: [linkedRun, linkedRun] })).toBeUndefined();
  expect(compareLinks({ runs: [validRun] }, { runs: [] })).toBeUndefined();
});

test("links against none are shown by what was measured of each", () => {
  expect(compareLinks(linked, { runs: [validRun] })).toEqual({
    differ: ["names"],
    a: {
      names: ["two-continents.yaml"],
      mechanisms: ["nfqueue"],
      links: 4,
      down: 1,
      delay: {
        medianMs: expect.closeTo(25.35, 1),
        leastMs: expect.closeTo(25.35, 1),
        mostMs: expect.closeTo(100.35, 1),
      },
      loss: { medianRatio: 0, leastRatio: 0, mostRatio: 0.0115 },
      goodput: { medianBps: 18.9e6, leastBps: 18.9e6, mostBps: 18.9e6 },
    },
    b: undefined,
  });
});

test("another mechanism is another condition", () => {
  const relayed = runOf({ ...linkProbes, mechanism: "relay" });
  expect(compareLinks(linked, { runs: [relayed] })).toMatchObject({
    differ: ["mechanisms"],
    a: { mechanisms: ["nfqueue"] },
    b: { mechanisms: ["relay"] },
  });
});

test("delays of one name differ where they are further apart than two tolerances", () => {
  const [near, nearer, far] = [[25], [26.9], [28.5]].map((delays) => ({ runs: [runOf(probesOf(delays))] }));
  if (near === undefined || nearer === undefined || far === undefined) throw new Error("no runs");
  expect(compareLinks(near, nearer)).toBeUndefined();
  expect(compareLinks(near, far)).toMatchObject({ differ: ["delay"] });
});

test("round trips count half", () => {
  const probes = probesOf([30]);
  const links = probes.links.map((link) => ({ ...link, way: "round-trip" as const, askedBack: delayed(0) }));
  const found = compareLinks({ runs: [runOf({ ...probes, links })] }, { runs: [validRun] });
  expect(found?.a?.delay?.medianMs).toBeCloseTo(15.2, 1);
});

test("of many links a certificate shows only the worst: their figures need all rows", () => {
  const probes = probesOf(Array.from({ length: 20 }, (_, at) => 10 + at));
  const run = runOf(probes);
  const without = compareLinks({ runs: [run] }, { runs: [validRun] });
  expect(without?.a).toMatchObject({ links: 20, mechanisms: ["nfqueue"] });
  expect(without?.a?.delay).toBeUndefined();
  const linkRows = new Map([[run.benchmarkNumber, listLinkRows(probes)]]);
  const found = compareLinks({ runs: [run], linkRows }, { runs: [validRun] });
  expect(found?.a?.delay?.leastMs).toBeCloseTo(10.35, 1);
  expect(found?.a?.delay?.mostMs).toBeCloseTo(29.35, 1);
});

test("a comparison warns of it in words", () => {
  const fast = runOf({ ...linkProbes, mechanism: "relay" });
  const compared = compareSweeps(sideOf("a", [linkedRun]), sideOf("b", [fast]));
  expect(formatComparison(compared)).toContain(
    [
      "",
      "WARNING: not the same conditions. The emulated links of A and B differ (mechanism):",
      "  A: two-continents.yaml: nfqueue, 4 links; one-way delay 25.3 ms (25.3 to 100.3 ms), loss 0.00 % (0.00 to 1.15 %), payload 18.9 Mbit/s, 1 down",
      "  B: two-continents.yaml: relay, 4 links; one-way delay 25.3 ms (25.3 to 100.3 ms), loss 0.00 % (0.00 to 1.15 %), payload 18.9 Mbit/s, 1 down",
      "",
    ].join("\n"),
  );
  expect(formatComparison(compareSweeps(sideOf("a", repeated()), sideOf("b", repeated())))).not.toContain(
    "same conditions",
  );
});
