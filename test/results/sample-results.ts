/** Results that the tests of bundle/ and report/ share: one by hand for each thing a run can turn out to be. */

import type { SweepParameters } from "../../src/contracts/parameters.ts";
import type { LatencySummary, Ledger } from "../../src/contracts/results/latency.ts";
import type { ClientOutcome, RunResult } from "../../src/contracts/results/result.ts";
import type { RunParameters } from "../../src/contracts/results/run-parameters.ts";
import { defaultParameters } from "../../src/options/defaults.ts";
import { mysticeti } from "../../src/protocol/mysticeti.ts";
import { disturbedEnvironment, quietEnvironment } from "./sample-environments.ts";

const seen = (ms: number) => ({ ms, atLeast: false });
const atLeast = (ms: number) => ({ ms, atLeast: true });

const protocolOptions = Object.fromEntries(
  mysticeti.options.map(({ name, default: usual }) => [name, usual]),
);

export const runParameters: RunParameters = {
  networkType: "local",
  runtime: "process",
  protocol: "mysticeti",
  nodes: 4,
  loadTps: 100,
  durationSecs: 180,
  transactionSizeBytes: 512,
  warmUpSecs: 18,
  drainSecs: 30,
  requestTimeoutMs: 10_000,
  maxInFlight: 1024,
  queueLimit: 65_536,
  transport: { kind: "http", inFlightPerConnection: 1, batchSize: 1 },
  keepNetwork: false,
  protocolOptions,
  arrival: "constant",
  clients: 1,
  pacing: "balanced",
  profile: { kind: "constant", level: 1 },
  seed: "baleen",
  faults: 0,
  crashRecovery: false,
  crashIntervalSecs: 60,
  failover: false,
  allowNoQuorum: false,
  limits: defaultParameters.limits,
};

const commit: LatencySummary = {
  count: 18_000,
  censored: 0,
  sumUs: 813_608_082n,
  sumOfSquaresUs: 39_410_514_926_318n,
  meanMs: 45.200_449,
  stdDevMs: 12.1,
  minMs: 21.004,
  maxMs: 130.75,
  p50: seen(44.127),
  p90: seen(60.3),
  p95: seen(66.815),
  p99: seen(80.191),
  p999: seen(121.599),
};

const submit: LatencySummary = {
  count: 18_000,
  censored: 0,
  meanMs: 0.9,
  stdDevMs: 0.31,
  minMs: 0.402,
  maxMs: 12.25,
  p50: seen(0.811),
  p90: seen(1.203),
  p95: seen(1.499),
  p99: seen(2.755),
  p999: seen(9.999),
};

const lateness: LatencySummary = {
  ...submit,
  meanMs: 0.2,
  minMs: 0,
  maxMs: 1.9,
  p50: seen(0.151),
  p90: seen(0.302),
  p95: seen(0.4),
  p99: seen(0.708),
  p999: seen(1.5),
};

const none = { committed: 0, notSeen: 0 };

/** A run whose one client did all of it. */
function oneClient(run: Omit<RunResult, "clients">): RunResult {
  const { ledger, lateness } = run;
  return { ...run, clients: [{ name: "client0", host: "coordinator", ledger, lateness }] };
}

export const validRun = oneClient({
  kind: "open-loop",
  benchmarkNumber: 1,
  repetition: 1,
  parameters: runParameters,
  timestamp: "2024-01-15T10:30:00.000Z",
  observedInWindow: 17_136,
  throughputTps: 95.2,
  offeredTps: 100,
  efficiencyRatio: 0.952,
  successRatio: 1,
  successful: 18_000,
  failed: 0,
  backlogGrowthRatio: 0.0004,
  backlogGrowthErrorRatio: 0.0001,
  latencyKind: "commit",
  latency: { commit, commitService: commit, response: submit, submit },
  lateness,
  ledger: {
    scheduled: 18_000,
    unsent: { dropped: 0, cut: 0 },
    sent: {
      acknowledged: { committed: 18_000, notSeen: 0 },
      rejected: none,
      timedOut: none,
      connectionFailed: none,
    },
    duplicateCommits: 0,
    unknownCommits: 0,
    forgottenCommits: 0,
    lateSends: 0,
  },
  rejections: [],
  nodes: [
    { name: "node0", exitedUnasked: false, cpuSecs: 12.3456, memoryBytes: 90_000_000, height: 3_600 },
    { name: "node1", exitedUnasked: false },
  ],
  faults: [],
  linkChanges: [],
  segments: [],
  phases: [],
  redirected: 0,
  linkGaps: [],
  evidence: {
    windowTransactions: 18_000,
    nodeExits: [],
    observerFailures: [],
    stalls: [],
    inFlightCapReached: false,
  },
  verdict: { status: "valid", reasons: [] },
});

/** Some transactions never committed, some were refused, some replies were lost. */
export const censoredRun = oneClient({
  ...validRun,
  benchmarkNumber: 2,
  parameters: { ...runParameters, loadTps: 200, runtime: "docker" },
  throughputTps: 152.35,
  environment: quietEnvironment,
  efficiencyRatio: 0.761_75,
  successRatio: 0.77,
  successful: 27_720,
  failed: 8_280,
  latency: {
    commit: {
      ...commit,
      count: 27_720,
      censored: 8_280,
      p90: atLeast(12_400),
      p95: atLeast(21_000),
      p99: atLeast(30_001),
      p999: atLeast(30_010),
    },
    commitService: {
      ...commit,
      count: 27_720,
      censored: 8_270,
      p90: atLeast(12_400),
      p95: atLeast(21_000),
      p99: atLeast(30_001),
      p999: atLeast(30_010),
    },
    response: {
      ...submit,
      count: 32_760,
      censored: 3_240,
      p95: atLeast(10_000),
      p99: atLeast(10_000),
      p999: atLeast(10_000),
    },
    submit: {
      ...submit,
      count: 32_760,
      censored: 3_230,
      p95: atLeast(10_000),
      p99: atLeast(10_000),
      p999: atLeast(10_000),
    },
  },
  ledger: {
    scheduled: 36_000,
    unsent: { dropped: 6, cut: 4 },
    sent: {
      acknowledged: { committed: 27_700, notSeen: 1_460 },
      rejected: { committed: 0, notSeen: 3_600 },
      timedOut: { committed: 8, notSeen: 1_422 },
      connectionFailed: { committed: 12, notSeen: 1_788 },
    },
    duplicateCommits: 3,
    unknownCommits: 0,
    forgottenCommits: 0,
    lateSends: 17,
  },
  rejections: [
    { reason: "-32000 mempool is full", count: 3_000 },
    { reason: "-32603\u001b[2J internal\nerror", count: 600 },
  ],
});

/** A node died, and the ledger does not balance. */
export const invalidRun = oneClient({
  ...validRun,
  benchmarkNumber: 3,
  ledger: { ...validRun.ledger, scheduled: 18_001, unknownCommits: 2 },
  nodes: [{ name: "node2", exitedUnasked: true, height: 120 }],
  evidence: {
    windowTransactions: 18_000,
    nodeExits: [{ node: "node2", exitCode: null, signal: "SIGKILL" }],
    observerFailures: [{ node: "node2", reason: "read ECONNRESET" }],
    stalls: [{ atSecs: 12.5, lengthMs: 812.25, cause: "stopped" }],
    inFlightCapReached: true,
  },
  verdict: {
    status: "invalid",
    reasons: ["node2 ended by SIGKILL unexpectedly", "the ledger does not balance"],
  },
});

const lateClient: ClientOutcome = {
  name: "client0",
  host: "coordinator",
  ledger: { ...validRun.ledger, lateSends: 4_211 },
  lateness: { ...lateness, maxMs: 1_240.5, p99: seen(310.271), p999: seen(1_190.911) },
  generator: {
    latenessP99MaxMs: 1_190.911,
    loopDelayMaxMs: 48.25,
    cpuMeanRatio: 0.871_23,
    cpuMaxRatio: 0.998,
    gcPauseTotalMs: 120.5,
    gcPauseMaxMs: 61,
  },
};

export const generatorLimitedRun: RunResult = {
  ...validRun,
  benchmarkNumber: 4,
  parameters: { ...runParameters, loadTps: 12_500, durationSecs: 5 / 3 },
  throughputTps: 11_875.25,
  lateness: lateClient.lateness,
  ledger: lateClient.ledger,
  clients: [lateClient],
  evidence: { ...validRun.evidence, lateSeconds: { late: 2, disturbed: 1 } },
  verdict: {
    status: "generator-limited",
    limitedBy: "generator",
    reasons: [
      "p99 lateness of sends 310.3 ms, limit 4.4 ms (CPU 1.00 of a core in the busiest second, event loop late by at most 48.3 ms, garbage collection 121 ms in all)",
    ],
  },
};

/** A system whose commits cannot be observed. */
export const noCommitRun = oneClient({
  ...validRun,
  benchmarkNumber: 5,
  latencyKind: "response",
  latency: {
    response: submit,
    responseAccepted: { ...submit, count: 17_990 },
    responseRefused: { ...submit, count: 10, p99: seen(0.603), p999: seen(0.603), maxMs: 0.603 },
    submit,
    submitAccepted: { ...submit, count: 17_990 },
    submitRefused: { ...submit, count: 10 },
  },
  successful: 17_990,
  failed: 10,
  successRatio: 17_990 / 18_000,
  ledger: {
    ...validRun.ledger,
    sent: {
      ...validRun.ledger.sent,
      acknowledged: { committed: 0, notSeen: 17_990 },
      rejected: { committed: 0, notSeen: 10 },
    },
  },
  rejections: Array.from({ length: 7 }, (_, index) => ({
    reason: `code ${index}`,
    count: index < 3 ? 2 : 1,
  })),
});

/** Nothing was ever seen: every transaction timed out. */
export const nothingSeenRun = oneClient({
  ...validRun,
  benchmarkNumber: 6,
  throughputTps: 0,
  efficiencyRatio: 0,
  successRatio: 0,
  successful: 0,
  failed: 18_000,
  latency: {
    commit: { count: 0, censored: 18_000, p50: atLeast(30_000) },
    commitService: { count: 0, censored: 18_000 },
    response: { count: 0, censored: 18_000 },
    submit: { count: 0, censored: 18_000 },
  },
  lateness: { count: 0, censored: 0 },
  ledger: {
    ...validRun.ledger,
    sent: { ...validRun.ledger.sent, acknowledged: none, timedOut: { committed: 0, notSeen: 18_000 } },
  },
});

const clients = (scheduled: number, failed: number, latency: LatencySummary) => ({
  scheduled,
  successful: scheduled - failed,
  latency,
});
const nobody = clients(0, 0, { count: 0, censored: 0 });
const allUnseen = (censored: number) => ({ count: 0, censored, p50: atLeast(5_000), p99: atLeast(9_900) });

/** One node at a time crashed; the last one did not come back. */
export const faultyRun: RunResult = {
  ...validRun,
  benchmarkNumber: 7,
  parameters: { ...runParameters, durationSecs: 15, faults: 1, crashRecovery: true, crashIntervalSecs: 5 },
  faults: [
    {
      node: "node3",
      action: "crash",
      askedSecs: 0,
      issuedSecs: 0.0004,
      effectiveSecs: 0.0239,
      firstCommitSecs: 0.081,
    },
    {
      node: "node3",
      action: "recover",
      askedSecs: 5,
      issuedSecs: 5.001,
      answersSecs: 5.412,
      effectiveSecs: 5.9,
      firstCommitSecs: 5.02,
    },
    { node: "node2", action: "crash", askedSecs: 5, issuedSecs: 5.91, effectiveSecs: 5.94 },
    {
      node: "node2",
      action: "recover",
      askedSecs: 10,
      issuedSecs: 10,
      failure: "it ended with exit code 1; its log says why",
    },
  ],
  segments: [
    {
      fromSecs: -2,
      toSecs: 0,
      nodesDown: [],
      ofLivingNodes: clients(200, 0, { ...commit, count: 200 }),
      ofDeadNodes: nobody,
    },
    {
      fromSecs: 0,
      toSecs: 5,
      nodesDown: ["node3"],
      ofLivingNodes: clients(375, 0, { ...commit, count: 375 }),
      ofDeadNodes: clients(125, 125, allUnseen(125)),
    },
    {
      fromSecs: 5,
      toSecs: 10,
      nodesDown: ["node2"],
      ofLivingNodes: clients(375, 10, { ...commit, count: 365, censored: 10, p99: atLeast(10_100) }),
      ofDeadNodes: clients(125, 100, allUnseen(100)),
    },
    {
      fromSecs: 10,
      toSecs: 15,
      nodesDown: [],
      ofLivingNodes: clients(500, 125, { ...commit, count: 375, censored: 125, p99: atLeast(4_900) }),
      ofDeadNodes: nobody,
    },
  ],
  verdict: {
    status: "invalid",
    reasons: [
      "node2 was to come back 10.0 s into the window and did not: it ended with exit code 1; its log says why",
    ],
  },
};

/** Five of sixteen nodes stay down, and others take their transactions. */
export const failoverRun: RunResult = {
  ...validRun,
  benchmarkNumber: 8,
  parameters: { ...runParameters, nodes: 16, durationSecs: 10, warmUpSecs: 0, faults: 5, failover: true },
  faults: [11, 12, 13, 14, 15].map((place) => ({
    node: `node${place}`,
    action: "crash",
    askedSecs: 0,
    issuedSecs: 0.001,
    effectiveSecs: 0.03,
    firstCommitSecs: 0.09,
  })),
  segments: [
    {
      fromSecs: 0,
      toSecs: 10,
      nodesDown: ["node11", "node12", "node13", "node14", "node15"],
      ofLivingNodes: clients(688, 0, { ...commit, count: 688 }),
      ofDeadNodes: clients(312, 0, { ...commit, count: 312 }),
    },
  ],
  redirected: 311,
};

/** On two hosts whose links were measured, as far as they could be; one connection was lost, another not seen again. */
const halfLedger: Ledger = {
  ...validRun.ledger,
  scheduled: 9_000,
  sent: { ...validRun.ledger.sent, acknowledged: { committed: 9_000, notSeen: 0 } },
};
const halfLateness: LatencySummary = { ...lateness, count: 9_000 };

export const hostsRun: RunResult = {
  ...validRun,
  clients: [
    {
      name: "client0",
      host: "coordinator",
      ledger: halfLedger,
      lateness: halfLateness,
      generator: {
        latenessP99MaxMs: 2.625,
        loopDelayMaxMs: 3.125,
        cpuMeanRatio: 0.31,
        cpuMaxRatio: 0.42,
        gcPauseTotalMs: 8,
        gcPauseMaxMs: 1.5,
      },
    },
    { name: "client1", host: "host1", startErrorMs: 0.412, ledger: halfLedger, lateness: halfLateness },
  ],
  parameters: { ...runParameters, networkType: "remote", runtime: "docker" },
  links: {
    before: {
      hosts: [
        {
          name: "host0",
          region: "eu-west",
          clockOffsetMs: -0.4321,
          clockErrorMs: 0.2,
          coordinatorRttMs: 12.25,
        },
        { name: "host1", clockOffsetMs: 3.5, clockErrorMs: 0.75, coordinatorRttMs: 80.5 },
      ],
      pairs: [
        { from: "host0", to: "host1", rttMs: 90.125 },
        { from: "host1", to: "host0" },
      ],
    },
    after: {
      hosts: [
        { name: "host0" },
        { name: "host1", clockOffsetMs: 3.625, clockErrorMs: 1, coordinatorRttMs: 81 },
      ],
      pairs: [],
    },
    betweenSecs: 214.5,
  },
  linkGaps: [
    { host: "host1", lostSecs: -1.5, lengthSecs: 3.25, reason: "keepalive time-out", givenUp: false },
    { host: "host0", lostSecs: 170.04, reason: "read ECONNRESET", givenUp: false },
  ],
  environment: disturbedEnvironment,
};

export const sampleRuns = {
  valid: validRun,
  censored: censoredRun,
  invalid: invalidRun,
  "generator-limited": generatorLimitedRun,
  "no-commit": noCommitRun,
  "nothing-seen": nothingSeenRun,
  faults: faultyRun,
  failover: failoverRun,
  hosts: hostsRun,
} as const satisfies Record<string, RunResult>;

export const sweepParameters: SweepParameters = {
  ...defaultParameters,
  protocolOptions,
  loadsTps: [100, 200, 0.5],
  outputDir: "./benchmarks",
};
