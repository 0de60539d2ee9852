import type { LinkProbes } from "../../src/contracts/results/links/link-certificate.ts";
import type { NativeResult } from "../../src/contracts/results/native/native.ts";
import { certifyLinks } from "../../src/results/analysis/links/certify.ts";
import type { NativeSummary } from "../../src/results/schema/summary.ts";
import { linkProbes, partitionChanges } from "./sample-links.ts";

const node = (name: string) => ({
  name,
  fromSecs: 0.01,
  toSecs: 5,
  answerSecs: 0.002,
  committed: 249,
  submitted: 250,
  resets: 0,
});

/** Two nodes, each of which counts its own. */
export const nativeRun: NativeResult = {
  kind: "native",
  latencyKind: "native",
  benchmarkNumber: 1,
  repetition: 1,
  parameters: {
    networkType: "local",
    runtime: "process",
    protocol: "pulse",
    protocolOptions: { "delay-ms": 20 },
    nodes: 2,
    loadTps: 100,
    durationSecs: 5,
    warmUpSecs: 2,
    transactionSizeBytes: 512,
    achievedRatio: 0.99,
    countedOf: "node",
  },
  timestamp: "2024-01-15T10:30:00.000Z",
  figures: {
    throughputTps: 99.8,
    submittedTps: 100.2,
    committed: 498,
    submitted: 500,
    latency: {
      count: 498,
      meanMs: 43.25,
      stdDevMs: 12.5,
      p50: { aboveMs: 25, upToMs: 50 },
      p90: { aboveMs: 50, upToMs: 100 },
      p95: { aboveMs: 50, upToMs: 100 },
      p99: { aboveMs: 100 },
      p999: { aboveMs: 100 },
      buckets: [
        { upToMs: 25, count: 0 },
        { upToMs: 50, count: 300 },
        { upToMs: 100, count: 490 },
        { count: 498 },
      ],
    },
    notShown: [],
    nodes: [node("node0"), node("node1")],
    seconds: [{ second: 0, submitted: 100, committed: 99.5 }, { second: 1 }],
  },
  faults: [],
  linkChanges: [],
  nodes: [
    { name: "node0", exitedUnasked: false, cpuSecs: 0.08, memoryBytes: 65_912_832 },
    { name: "node1", exitedUnasked: false },
  ],
  verdict: { status: "valid", reasons: [] },
};

export const nativeLinkProbes: LinkProbes = { ...linkProbes, windowSecs: 5, underLoad: true };

/** With emulated links, which a timeline changed, and a node that it paused. */
export const linkedNativeRun: NativeResult = {
  ...nativeRun,
  parameters: { ...nativeRun.parameters, links: "two-continents.yaml", timeline: "cut.yaml" },
  faults: [
    { node: "node1", action: "pause", askedSecs: 1, issuedSecs: 1.001, effectiveSecs: 1.002 },
    {
      node: "node1",
      action: "resume",
      askedSecs: 2,
      issuedSecs: 2.001,
      answersSecs: 2.03,
      effectiveSecs: 2.05,
    },
  ],
  linkChanges: partitionChanges.map(({ firstCommitSecs, ...change }) => change),
  linkCertificate: certifyLinks(nativeLinkProbes),
};

/** Of which next to nothing is known. */
export const unknownRun: NativeResult = {
  ...nativeRun,
  benchmarkNumber: 2,
  parameters: { ...nativeRun.parameters, loadTps: 200, countedOf: "committee" },
  figures: { latencyRefused: "no node showed took_seconds", notShown: [], nodes: [], seconds: [] },
  verdict: { status: "invalid", reasons: ["There is no latency: no node showed took_seconds."] },
};

export const nativeSummary: NativeSummary = {
  generator: "native",
  run: "3f9a2c1e7b",
  networkType: "local",
  runtime: "process",
  startedAt: "2024-01-15T10:29:30.000Z",
  finishedAt: "2024-01-15T10:40:00.000Z",
  plannedRuns: 3,
  runs: [nativeRun, unknownRun],
  endedEarly: "interrupted",
};
