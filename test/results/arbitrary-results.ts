/** Generated results of every shape that the contracts allow. */

import fc from "fast-check";
import { linkActions } from "../../src/contracts/links/timeline.ts";
import { transportKinds } from "../../src/contracts/load/transport.ts";
import type { LinkGap, LinkReport } from "../../src/contracts/nodes/links.ts";
import type { FaultOutcome, SegmentClients, SegmentResult } from "../../src/contracts/results/faults.ts";
import type { GeneratorFigures, ObserverFigures } from "../../src/contracts/results/generator.ts";
import { type LatencySummary, type Ledger, latencyKinds } from "../../src/contracts/results/latency.ts";
import type { LinkChangeOutcome } from "../../src/contracts/results/links/link-changes.ts";
import type { ClientOutcome, PhaseResult, RunResult } from "../../src/contracts/results/result.ts";
import type { RunParameters } from "../../src/contracts/results/run-parameters.ts";
import type { BlockAge, Fork, SafetyReport } from "../../src/contracts/results/safety.ts";
import type { RunEvidence } from "../../src/contracts/results/verdict.ts";
import { recordOf } from "../../src/core/keys.ts";
import { anyProfile } from "../load/timeline/profiles.ts";
import { arbitraryEnvironment } from "./arbitrary-environment.ts";

const count = fc.nat({ max: 2 ** 40 });
const positiveCount = fc.integer({ min: 1, max: 2 ** 31 });
const measured = fc.double({ min: 0, max: 1e9, noNaN: true });
const positive = fc.double({ min: 1e-3, max: 1e9, noNaN: true });
const ratio = fc.double({ min: 0, max: 1, noNaN: true });
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const quantile = sometimes(fc.record({ ms: measured, atLeast: fc.boolean() }));
const cell = fc.record({ committed: count, notSeen: count });
const limits = fc.record({ latenessFloorMs: measured, latenessRatio: ratio, achievedRatio: ratio });

export const latency: fc.Arbitrary<LatencySummary> = fc.record(
  {
    count,
    censored: count,
    sumUs: sometimes(fc.bigInt({ min: 0n })),
    sumOfSquaresUs: sometimes(fc.bigInt({ min: 0n })),
    meanMs: sometimes(measured),
    stdDevMs: sometimes(measured),
    minMs: sometimes(measured),
    maxMs: sometimes(measured),
    p50: quantile,
    p90: quantile,
    p95: quantile,
    p99: quantile,
    p999: quantile,
  },
  { requiredKeys: ["count", "censored"] },
);

const parameters: fc.Arbitrary<RunParameters> = fc.record({
  networkType: fc.constantFrom("local", "remote"),
  clientPlacement: sometimes(fc.constantFrom("colocated", "dedicated")),
  runtime: fc.constantFrom("docker", "process"),
  protocol: fc.string(),
  nodes: positiveCount,
  loadTps: positive,
  durationSecs: positive,
  transactionSizeBytes: positiveCount,
  warmUpSecs: measured,
  drainSecs: measured,
  requestTimeoutMs: positive,
  name: sometimes(fc.string({ unit: "binary" })),
  tags: sometimes(
    fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), { noNullPrototype: true }),
  ),
  maxInFlight: positiveCount,
  queueLimit: count,
  transport: fc.record({
    kind: fc.constantFrom(...transportKinds),
    inFlightPerConnection: positiveCount,
    batchSize: positiveCount,
  }),
  keepNetwork: fc.boolean(),
  protocolOptions: fc.dictionary(
    fc.constantFrom("minRoundDelayMs", "logSync"),
    fc.oneof(measured, fc.constantFrom("none", "block")),
  ),
  arrival: fc.constantFrom("constant", "poisson"),
  clients: fc.integer({ min: 1, max: 256 }),
  pacing: fc.constantFrom("precise", "balanced", "eco"),
  profile: fc.oneof(anyProfile, fc.constant({ kind: "closed" as const })),
  seed: fc.string({ unit: "binary" }),
  faults: count,
  crashRecovery: fc.boolean(),
  crashIntervalSecs: measured,
  failover: fc.boolean(),
  allowNoQuorum: fc.boolean(),
  limits,
});

const secs = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const fault: fc.Arbitrary<FaultOutcome> = fc.record(
  {
    node: fc.string(),
    action: fc.constantFrom("crash", "recover", "pause", "resume"),
    askedSecs: measured,
    issuedSecs: sometimes(secs),
    answersSecs: sometimes(secs),
    effectiveSecs: sometimes(secs),
    firstCommitSecs: sometimes(secs),
    failure: sometimes(fc.string({ unit: "binary" })),
  },
  { requiredKeys: ["node", "action", "askedSecs"] },
);
const linkChange: fc.Arbitrary<LinkChangeOutcome> = fc.record(
  {
    action: fc.constantFrom(...linkActions),
    what: fc.string({ unit: "binary" }),
    stage: fc.constantFrom("begin", "step", "end"),
    askedSecs: measured,
    issuedSecs: sometimes(secs),
    effectiveSecs: sometimes(secs),
    links: count,
    firstCommitSecs: sometimes(secs),
    failure: sometimes(fc.string({ unit: "binary" })),
  },
  { requiredKeys: ["action", "what", "stage", "askedSecs", "links"] },
);
const clients: fc.Arbitrary<SegmentClients> = fc
  .record({ scheduled: count, share: ratio, latency })
  .map(({ scheduled, share, ...rest }) => ({
    scheduled,
    successful: Math.floor(scheduled * share),
    ...rest,
  }));
const segment: fc.Arbitrary<SegmentResult> = fc.record({
  fromSecs: secs,
  toSecs: secs,
  nodesDown: fc.array(fc.string(), { maxLength: 5 }),
  ofLivingNodes: clients,
  ofDeadNodes: clients,
});

const linkReport: fc.Arbitrary<LinkReport> = fc.record({
  hosts: fc.array(
    fc.record(
      {
        name: fc.string(),
        region: sometimes(fc.string()),
        clockOffsetMs: sometimes(secs),
        clockErrorMs: sometimes(measured),
        coordinatorRttMs: sometimes(measured),
      },
      { requiredKeys: ["name"] },
    ),
  ),
  pairs: fc.array(
    fc.record(
      { from: fc.string(), to: fc.string(), rttMs: sometimes(measured) },
      { requiredKeys: ["from", "to"] },
    ),
  ),
});
const linkGap: fc.Arbitrary<LinkGap> = fc.record(
  {
    host: fc.string(),
    lostSecs: secs,
    lengthSecs: sometimes(measured),
    reason: fc.string({ unit: "binary" }),
    givenUp: fc.boolean(),
  },
  { requiredKeys: ["host", "lostSecs", "reason", "givenUp"] },
);

const ledger: fc.Arbitrary<Ledger> = fc.record({
  scheduled: count,
  unsent: fc.record({ dropped: count, cut: count }),
  sent: fc.record({ acknowledged: cell, rejected: cell, timedOut: cell, connectionFailed: cell }),
  duplicateCommits: count,
  unknownCommits: count,
  forgottenCommits: count,
  lateSends: count,
});
const generator: fc.Arbitrary<GeneratorFigures> = fc.record({
  latenessP99MaxMs: sometimes(measured),
  loopDelayMaxMs: sometimes(measured),
  cpuMeanRatio: sometimes(measured),
  cpuMaxRatio: sometimes(measured),
  gcPauseTotalMs: sometimes(measured),
  gcPauseMaxMs: sometimes(measured),
});
const observer: fc.Arbitrary<ObserverFigures> = fc.record({
  blocks: count,
  transactions: count,
  bytes: count,
  cpuMs: sometimes(measured),
  cpuMaxRatio: sometimes(measured),
  loopDelayP99Ms: sometimes(measured),
  loopDelayMaxMs: sometimes(measured),
  lagMaxMs: sometimes(measured),
  polled: fc.array(fc.record({ node: fc.string(), everyMs: positiveCount }), { maxLength: 3 }),
});
const client: fc.Arbitrary<ClientOutcome> = fc.record(
  {
    name: fc.string(),
    host: fc.string(),
    startErrorMs: sometimes(measured),
    ledger,
    lateness: latency,
    generator: sometimes(generator),
  },
  { requiredKeys: ["name", "host", "ledger", "lateness"] },
);

const evidence: fc.Arbitrary<RunEvidence> = fc.record({
  lateSeconds: sometimes(fc.record({ late: count, disturbed: count })),
  windowTransactions: count,
  nodeExits: fc.array(
    fc.record({
      node: fc.string(),
      exitCode: fc.option(fc.integer()),
      signal: fc.option(fc.constantFrom("SIGKILL", "SIGTERM")),
    }),
    { maxLength: 3 },
  ),
  observerFailures: fc.array(fc.record({ node: fc.string(), reason: fc.string({ unit: "binary" }) }), {
    maxLength: 3,
  }),
  stalls: fc.array(
    fc.record({
      atSecs: secs,
      lengthMs: measured,
      cause: fc.constantFrom("asleep", "stopped", "clock-step"),
    }),
    { maxLength: 3 },
  ),
  inFlightCapReached: fc.boolean(),
  lostClients: sometimes(
    fc.array(
      fc.record({
        clients: fc.array(fc.string(), { maxLength: 3 }),
        host: fc.string(),
        atSecs: secs,
        windowTransactions: count,
        reason: fc.string({ unit: "binary" }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  ),
});

const fork: fc.Arbitrary<Fork> = fc.record({
  height: count,
  seen: fc.constantFrom("during", "after"),
  shown: fc.array(fc.record({ node: fc.string(), fingerprint: fc.string() }), { maxLength: 4 }),
  notFollowed: sometimes(fc.string({ unit: "binary" })),
});
const safety: fc.Arbitrary<SafetyReport> = fc.record(
  {
    comparedHeights: count,
    uncomparedHeights: count,
    comparedAfterwards: count,
    prefix: sometimes(
      fc.record({
        height: positiveCount,
        fingerprint: fc.string(),
        nodes: fc.array(fc.string()),
        chained: fc.boolean(),
      }),
    ),
    notAsked: fc.array(fc.record({ node: fc.string(), reason: fc.string({ unit: "binary" }) })),
    forks: fc.array(fork, { maxLength: 10 }),
  },
  { requiredKeys: ["comparedHeights", "uncomparedHeights", "comparedAfterwards", "notAsked", "forks"] },
);
const difference = sometimes(secs);
const blockAge: fc.Arbitrary<BlockAge> = fc.record(
  {
    count,
    negative: count,
    minMs: difference,
    p50Ms: difference,
    p99Ms: difference,
    maxMs: difference,
    meanMs: difference,
  },
  { requiredKeys: ["count", "negative"] },
);

const phase: fc.Arbitrary<PhaseResult> = fc.record({
  name: fc.string({ minLength: 1 }),
  fromSecs: measured,
  toSecs: measured,
  scheduled: count,
  successful: count,
  observed: count,
  latency,
});

const withoutLinks: fc.Arbitrary<
  Omit<RunResult, "links" | "safety" | "blockAge" | "observer" | "linkCertificate">
> = fc.record({
  kind: fc.constantFrom("open-loop", "closed-loop"),
  benchmarkNumber: positiveCount,
  repetition: positiveCount,
  parameters,
  timestamp: fc
    .date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true })
    .map((date) => date.toISOString()),
  observedInWindow: count,
  throughputTps: measured,
  offeredTps: sometimes(measured),
  efficiencyRatio: sometimes(measured),
  successRatio: ratio,
  successful: count,
  failed: count,
  backlogGrowthRatio: sometimes(fc.double({ min: -1e3, max: 1e3, noNaN: true })),
  backlogGrowthErrorRatio: sometimes(fc.double({ min: 0, max: 1e3, noNaN: true })),
  latencyKind: fc.constantFrom("commit", "response"),
  latency: fc.record({
    ...recordOf(latencyKinds, () => sometimes(latency)),
  }),
  lateness: latency,
  ledger,
  clients: fc.array(client, { maxLength: 3 }),
  rejections: fc.array(fc.record({ reason: fc.string({ unit: "binary" }), count }), { maxLength: 20 }),
  nodes: fc.array(
    fc.record(
      {
        name: fc.string(),
        exitedUnasked: fc.boolean(),
        cpuSecs: sometimes(measured),
        memoryBytes: sometimes(count),
        reads: sometimes(count),
        writes: sometimes(count),
        height: sometimes(count),
      },
      { requiredKeys: ["name", "exitedUnasked"] },
    ),
  ),
  faults: fc.array(fault, { maxLength: 5 }),
  linkChanges: fc.array(linkChange, { maxLength: 5 }),
  segments: fc.array(segment, { maxLength: 5 }),
  phases: fc.array(phase, { maxLength: 5 }),
  redirected: count,
  linkGaps: fc.array(linkGap, { maxLength: 3 }),
  evidence,
  verdict: fc.record({
    status: fc.constantFrom("valid", "generator-limited", "invalid"),
    limitedBy: fc.constantFrom(undefined, "generator", "machine"),
    reasons: fc.array(fc.string({ unit: "binary" })),
  }),
});

const links = fc.record({
  before: sometimes(linkReport),
  after: sometimes(linkReport),
  betweenSecs: sometimes(measured),
});
/** What not every run has. */
const extras = fc
  .record({
    links: sometimes(links),
    safety: sometimes(safety),
    blockAge: sometimes(blockAge),
    observer: sometimes(observer),
    environment: sometimes(arbitraryEnvironment),
  })
  .map((found) => Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)));

export const arbitraryRun: fc.Arbitrary<RunResult> = fc
  .tuple(withoutLinks, extras)
  .map(([run, found]) => ({ ...run, ...found }));
