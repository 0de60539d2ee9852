import { describe, expect, test } from "vitest";
import type { LinkProbes } from "../../../../src/contracts/results/links/link-certificate.ts";
import { certifyLinks } from "../../../../src/results/analysis/links/certify.ts";
import { evidenceOf, judgeRun } from "../../../../src/results/analysis/verdict/verdict.ts";
import { delayed, linkedRun, linkProbes, sampleLink, wrongLinkRun } from "../../sample-links.ts";

function verdictOf(changes: Partial<LinkProbes>) {
  const run = { ...linkedRun, linkCertificate: certifyLinks({ ...linkProbes, ...changes }) };
  return judgeRun(evidenceOf(run), run.parameters.limits);
}

const withSecond = (changes: Partial<LinkProbes["seconds"][number]>) =>
  linkProbes.seconds.map((second, at) => (at === 10 ? { ...second, ...changes } : second));

test("links that were as asked say nothing against a run", () => {
  expect(certifyLinks(linkProbes)).toMatchObject({
    links: 4,
    measured: 4,
    failures: [],
    failedLinks: 0,
    during: { early: 0, late: 0 },
    rates: { asked: 1, measured: 1 },
    shaper: { lateP99Ms: 0.11, lateMaxMs: 60, lateLimitMs: 1, packets: 60_000, cpuSecs: 2.4 },
  });
  expect(verdictOf({})).toEqual({ status: "valid", reasons: [] });
});

describe("a run is invalid", () => {
  test("where a link was outside its tolerance before, during or after", () => {
    expect(judgeRun(evidenceOf(wrongLinkRun), wrongLinkRun.parameters.limits)).toEqual({
      status: "invalid",
      reasons: [
        "the link from node0 to node1 was not as asked before the run: delay 4.3 ms, asked 25.0 ms ± 1.3 ms",
        "the link from node0 to node1 was not as asked after the run: delay 4.3 ms, asked 25.0 ms ± 1.3 ms",
        "the link from node0 to node1 was not as asked during the run: 60 of 60 echoes arrived too early, 60 of them in a row",
      ],
    });
  });

  test.each([
    [
      "the shaper died",
      { troubles: [{ when: "during", reason: "the link shaper ended by SIGKILL" }] },
      "ended by SIGKILL",
    ],
    [
      "the shaper was paused for a second",
      { seconds: withSecond({ lateMaxMs: 1_003 }) },
      "the shaper stood still: packets up to 1.0 s late, 11.0 s into the window",
    ],
    [
      "the kernel dropped packets",
      { seconds: withSecond({ kernelDropped: 12 }) },
      "the kernel dropped 12 packets",
    ],
  ] as const)("where %s", (_, changes, reason) => {
    const verdict = verdictOf(changes);
    expect(verdict.status).toBe("invalid");
    expect(verdict.reasons.join()).toContain(reason);
  });

  test("where a change of links was not carried out", () => {
    const linkChanges = linkedRun.linkChanges.map((change) => ({
      ...change,
      failure: "the shaper refused it",
    }));
    expect(judgeRun(evidenceOf({ ...linkedRun, linkChanges }), linkedRun.parameters.limits).reasons[0]).toBe(
      "links (node0, node1 | node2, node3) were to change (partition) 20.0 s into the window and did not: the shaper refused it",
    );
  });
});

test("a shaper that is late most of the time limits the run", () => {
  const seconds = linkProbes.seconds.map((second) => ({ ...second, lateP99Ms: 8 }));
  expect(verdictOf({ seconds })).toEqual({
    status: "generator-limited",
    limitedBy: "shaper",
    reasons: ["the link shaper was late: p99 8.0 ms, limit 1.0 ms"],
  });
  expect(verdictOf({ seconds, leastDelayMs: 500 }).status).toBe("valid");
});

test("of many links the worst are shown, and failures are counted", () => {
  const links = Array.from({ length: 30 }, (_, at) =>
    sampleLink(["node0", `node${at + 1}`], delayed(25), { gotMs: at < 28 ? 1 : 25 }),
  );
  const certificate = certifyLinks({ ...linkProbes, links, linksOfNetwork: 30 });
  expect(certificate).toMatchObject({ measured: 30, failedLinks: 28 });
  expect(certificate.rows).toHaveLength(5);
  expect(certificate.failures).toHaveLength(20);
  expect(verdictOf({ links, linksOfNetwork: 30 }).reasons.at(-1)).toBe("25 more links were not as asked");
});

describe("links that follow nodes", () => {
  const at = (lateMs: readonly (number | undefined)[]): NonNullable<LinkProbes["ground"]> => ({
    space: "plane",
    tickMs: 100,
    nodes: [{ name: "node0", group: "validator" }],
    start: [[0, 0]],
    moves: lateMs.map((late, tick) => ({
      askedSecs: tick / 10,
      ...(late === undefined ? {} : { inForceSecs: tick / 10 + late / 1000 }),
      positions: [[tick + 1, 0]],
    })),
  });

  test("are judged by the 99th percentile of how late they did", () => {
    const late = Array.from({ length: 200 }, (_, tick) => (tick === 7 ? 900 : 5));
    expect(certifyLinks({ ...linkProbes, ground: at([...late, undefined]) }).moves).toEqual({
      ...{ changes: 201, lateP50Ms: 5, lateP99Ms: 5, lateMaxMs: 900, lateLimitMs: 100 },
    });
    expect(verdictOf({ ground: at(late) })).toEqual({ status: "valid", reasons: [] });
    expect(verdictOf({ ground: at(late.map(() => 101)) })).toEqual({
      status: "generator-limited",
      limitedBy: "shaper",
      reasons: ["links followed nodes that moved late: p99 101.0 ms, limit 100.0 ms"],
    });
  });

  test("say nothing where nobody moved", () => {
    expect(certifyLinks({ ...linkProbes, ground: at([]) })).not.toHaveProperty("moves");
  });
});
