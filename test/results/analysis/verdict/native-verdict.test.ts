import { describe, expect, test } from "vitest";
import type { NativeFigures } from "../../../../src/contracts/results/native/native.ts";
import { judgeNative } from "../../../../src/results/analysis/verdict/native-verdict.ts";
import { linkedNativeRun, nativeRun } from "../../sample-native.ts";

type Changes = Partial<NativeFigures>;

const judge = (figures: Changes) =>
  judgeNative({ ...nativeRun, figures: { ...nativeRun.figures, ...figures } });

const [first, ...others] = nativeRun.figures.nodes;
const withFirst = (changes: object) => ({
  nodes: [{ ...first, ...changes } as NonNullable<typeof first>, ...others],
});

test("a run in which nothing is wrong is valid, also where nobody told what was submitted", () => {
  expect(judge({})).toEqual({ status: "valid", reasons: [] });
  expect(judge({ submittedTps: undefined, submitted: undefined }).status).toBe("valid");
});

describe("a run is invalid", () => {
  test.each<[string, Changes, RegExp]>([
    ["in which a counter began anew", withFirst({ resets: 1 }), /^Counters of node0 were reset 1 times/],
    [
      "over whose window a node was not seen",
      withFirst({ toSecs: 4.4 }),
      /^node0 was seen over only 87\.8 % .* 90\.0 %/,
    ],
    ["that was told too slowly", withFirst({ answerSecs: 0.3 }), /^node0 took 0\.300 s .* 6\.0 % .* 5\.0 %/],
    ["in which a node showed nothing", { nodes: others }, /^node0 did not report its commits/],
    [
      "with other edges at two nodes",
      { latencyRefused: "edges differ" },
      /^There is no latency: edges differ\.$/,
    ],
    ["in which nothing was committed", { committed: 0 }, /^Nothing was committed/],
    [
      "of another load than was asked for",
      { submittedTps: 110 },
      /^The nodes submitted 110\.0 % .* at most 105\.0 %/,
    ],
    ["whose counter is not there", { notShown: ["sent_total"] }, /^Not every node showed sent_total/],
  ])("%s", (_, changes, reason) => {
    expect(judge(changes)).toEqual({ status: "invalid", reasons: [expect.stringMatching(reason)] });
  });

  test("in which a node ended by itself", () => {
    const nodes = nativeRun.nodes.map((node, at) => ({ ...node, exitedUnasked: at === 1 }));
    expect(judgeNative({ ...nativeRun, nodes }).reasons).toEqual(["node1 ended unexpectedly."]);
  });
});

test("less than was asked for is the generator's limit; what the edges may have done is not", () => {
  // One transaction of 2 nodes in 5 s at 100 tx/s: 0.4 %; answers of 2 ms: 0.04 %.
  expect(judge({ submittedTps: 98.6 }).status).toBe("valid");
  expect(judge({ submittedTps: 98.5 })).toEqual({
    status: "generator-limited",
    limitedBy: "generator",
    reasons: [expect.stringMatching(/^The nodes submitted 98\.5 % .* at least 99\.0 %/)],
  });
  // Answers of 100 ms: 2 % more.
  expect(judge({ submittedTps: 96.7, ...withFirst({ answerSecs: 0.1 }) }).status).toBe("valid");
  expect(judge({ submittedTps: 96.5, ...withFirst({ answerSecs: 0.1 }) }).status).toBe("generator-limited");
});

describe("emulated links", () => {
  const { linkCertificate, linkChanges, faults } = linkedNativeRun;
  if (linkCertificate === undefined) throw new Error("no certificate");

  test("that were as asked leave a run valid", () => {
    expect(judgeNative(linkedNativeRun)).toEqual({ status: "valid", reasons: [] });
  });

  test("that were not as asked make it invalid, and so does a step that failed", () => {
    const wrong = { from: "node0", to: "node1", when: "before", reason: "delay 4.0 ms" } as const;
    const run = {
      ...linkedNativeRun,
      linkCertificate: { ...linkCertificate, failures: [wrong], failedLinks: 1 },
      linkChanges: linkChanges.map((change) => ({ ...change, failure: "no answer" })).slice(0, 1),
      faults: faults.map((fault) => ({ ...fault, failure: "it had ended" })).slice(0, 1),
    };
    expect(judgeNative(run)).toEqual({
      status: "invalid",
      reasons: [
        "node1 was to pause 1.0 s into the window and did not: it had ended.",
        expect.stringMatching(/^Links \(node0, node1 \| node2, node3\) were to change .* no answer\.$/),
        "The link from node0 to node1 was not as asked before the run: delay 4.0 ms.",
      ],
    });
  });

  test("whose shaper was late limit it, beside a load that was too small", () => {
    const shaper = { packets: 1, lost: 0, overflowed: 0, cut: 0, kernelDropped: 0, cpuSecs: 1 };
    const late = {
      ...linkedNativeRun,
      linkCertificate: { ...linkCertificate, shaper: { ...shaper, lateP99Ms: 8, lateLimitMs: 1 } },
    };
    const reason = "The link shaper was late: p99 8.0 ms, limit 1.0 ms.";
    expect(judgeNative(late)).toEqual({
      status: "generator-limited",
      limitedBy: "shaper",
      reasons: [reason],
    });
    const little = { ...late, figures: { ...late.figures, submittedTps: 90 } };
    expect(judgeNative(little)).toEqual({
      status: "generator-limited",
      limitedBy: "generator",
      reasons: [expect.stringMatching(/^The nodes submitted 90\.0 %/), reason],
    });
  });
});

test("machines that were disturbed make it invalid where the environment is strict", () => {
  const environment = {
    disturbed: true,
    reasons: ["coordinator: background CPU above 10 % in 5 of 5 s"],
    limits: { backgroundPercent: 10, stealPercent: 5, memoryPressurePercent: 10, disturbedPercent: 10 },
    hosts: [],
  };
  expect(judgeNative({ ...nativeRun, environment: { ...environment, strict: false } }).status).toBe("valid");
  expect(judgeNative({ ...nativeRun, environment: { ...environment, strict: true } })).toEqual({
    status: "invalid",
    reasons: ["The machines were disturbed: coordinator: background CPU above 10 % in 5 of 5 s."],
  });
});
