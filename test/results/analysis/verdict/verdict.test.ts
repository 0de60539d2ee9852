import { describe, expect, test } from "vitest";
import type { EnvironmentReport } from "../../../../src/contracts/hosts/host-load.ts";
import type { Ledger } from "../../../../src/contracts/results/latency.ts";
import { acknowledgedTotal, committedTotal, sentTotal } from "../../../../src/metrics/stats/ledger.ts";
import { defaultParameters } from "../../../../src/options/defaults.ts";
import {
  type Evidence,
  judgeRun,
  latenessLimitMs,
} from "../../../../src/results/analysis/verdict/verdict.ts";
import { disturbedEnvironment, quietEnvironment } from "../../sample-environments.ts";

const { limits } = defaultParameters;

const ledger: Ledger = {
  scheduled: 1000,
  unsent: { dropped: 0, cut: 0 },
  sent: {
    acknowledged: { committed: 1000, notSeen: 0 },
    rejected: { committed: 0, notSeen: 0 },
    timedOut: { committed: 0, notSeen: 0 },
    connectionFailed: { committed: 0, notSeen: 0 },
  },
  duplicateCommits: 0,
  unknownCommits: 0,
  forgottenCommits: 0,
  lateSends: 0,
};

const observer = { blocks: 10, transactions: 4_000, bytes: 3_000_000, polled: [] };
const lateness = { count: 1000, censored: 0, p99: { ms: 1.2, atLeast: false } };

/** What stands beside a ledger where nothing contradicts it. */
function accountsOf(ledger: Ledger) {
  const [committed, sent] = [committedTotal(ledger), sentTotal(ledger)];
  const record = (count: number, all: number) => ({ count, censored: all - count });
  return {
    ledger,
    clients: [{ name: "client0", host: "coordinator", ledger, lateness }],
    latency: {
      commit: record(committed, ledger.scheduled),
      commitService: record(committed, sent),
      response: record(acknowledgedTotal(ledger), ledger.scheduled),
      submit: record(acknowledgedTotal(ledger), sent),
    },
  };
}

const good: Evidence = {
  ...accountsOf(ledger),
  windowTransactions: 1000,
  windowSecs: 180,
  rejections: [],
  lateness,
  headline: { count: 1000, censored: 0, p50: { ms: 150, atLeast: false } },
  forks: [],
  observerFailures: [],
  nodeExits: [],
  faults: [{ node: "node3", action: "crash", askedSecs: 0, issuedSecs: 0.001, effectiveSecs: 0.02 }],
  linkChanges: [],
  linkGaps: [{ host: "host1", lostSecs: 3, lengthSecs: 2.5, reason: "keepalive time-out", givenUp: false }],
  stalls: [],
  inFlightCapReached: false,
  maxInFlight: 1024,
};

/** A machine left alone, as far as it told. */
function strictSeenFor(backgroundSecs: number): EnvironmentReport {
  const hosts = quietEnvironment.hosts.map((host) => ({
    ...host,
    window: { secs: 180, ...host.window, backgroundSecs },
  }));
  return { ...quietEnvironment, strict: true, hosts };
}

const cases: readonly [sentence: string, change: Partial<Evidence>, status: string, reason: string][] = [
  ["everything well", {}, "valid", ""],
  [
    "a host whose connection was given up",
    { linkGaps: [{ host: "host1", lostSecs: 3, reason: "no route to host", givenUp: true }] },
    "invalid",
    "host1 was lost 3.0 s into the window and did not come back: no route to host",
  ],
  ["a disturbed environment that need not be strict", { environment: disturbedEnvironment }, "valid", ""],
  [
    "a disturbed environment that must be strict",
    { environment: { ...disturbedEnvironment, strict: true } },
    "invalid",
    "the machines were disturbed: host0: background CPU above 10 % in 97 of 180 s",
  ],
  [
    "a strict environment with a machine that does not tell",
    { environment: { ...disturbedEnvironment, strict: true } },
    "invalid",
    "other activity on coordinator is not known, and --strict-environment is set",
  ],
  [
    "a strict environment with a machine that told of one second in 180",
    { environment: strictSeenFor(1) },
    "invalid",
    "other activity on coordinator was seen in 1 of 180 s only, and --strict-environment is set",
  ],
  [
    "a strict environment with a machine that lacks a tenth",
    { environment: strictSeenFor(162) },
    "valid",
    "",
  ],
  ["a strict environment left alone", { environment: { ...quietEnvironment, strict: true } }, "valid", ""],
  [
    "a ledger that loses a transaction",
    { ledger: { ...ledger, scheduled: 1001 } },
    "invalid",
    "the ledger does not balance",
  ],
  [
    "another number of transactions than was asked for",
    { windowTransactions: 1100 },
    "invalid",
    "1000 transactions were due in the window, not the 1100 asked for",
  ],
  [
    "a latency counted twice",
    { latency: { ...accountsOf(ledger).latency, submit: { count: 1000, censored: 1 } } },
    "invalid",
    "submit was measured for 1000 transactions and not observed for 1, but the ledger has 1000 and 0",
  ],
  [
    "a client whose transactions are not the run's",
    {
      clients: [
        { name: "client0", host: "coordinator", ledger: { ...ledger, duplicateCommits: 1 }, lateness },
      ],
    },
    "invalid",
    "the ledgers of the clients do not add up: 1 duplicate commits, not 0",
  ],
  [
    "two nodes with different blocks",
    {
      forks: [
        {
          height: 7,
          seen: "after",
          shown: [
            { node: "node0", fingerprint: "AA" },
            { node: "node1", fingerprint: "BB" },
          ],
        },
      ],
    },
    "invalid",
    "at height 7: node0 AA, node1 BB",
  ],
  [
    "a node that was killed",
    { nodeExits: [{ node: "node2", exitCode: null, signal: "SIGKILL" }] },
    "invalid",
    "node2 ended by SIGKILL unexpectedly",
  ],
  [
    "a node that gave up",
    { nodeExits: [{ node: "node2", exitCode: 3, signal: null }] },
    "invalid",
    "node2 ended with exit code 3 unexpectedly",
  ],
  [
    "a node that did not come back",
    { faults: [{ node: "node3", action: "recover", askedSecs: 5, issuedSecs: 5, failure: "no answer" }] },
    "invalid",
    "node3 was to come back 5.0 s into the window and did not: no answer",
  ],
  [
    "a node that could not be crashed",
    { faults: [{ node: "node3", action: "crash", askedSecs: 0, failure: "the engine is gone" }] },
    "invalid",
    "node3 was to crash 0.0 s into the window and did not: the engine is gone",
  ],
  [
    "clients that were lost, with what was theirs",
    {
      ...accountsOf({
        ...ledger,
        scheduled: 750,
        sent: { ...ledger.sent, acknowledged: { committed: 750, notSeen: 0 } },
      }),
      lateness: { ...lateness, count: 750 },
      lostClients: [
        { clients: ["client1"], host: "host1", atSecs: 3.512, windowTransactions: 250, reason: "it ended" },
      ],
    },
    "invalid",
    "client1 on host1 was lost 3.5 s into the window, with 25.0 % of the offered load: it ended",
  ],
  [
    "clients of a closed loop, which offers no load, that were lost",
    {
      lostClients: [
        {
          clients: ["client1", "client2"],
          host: "host1",
          atSecs: -1,
          windowTransactions: 0,
          reason: "it ended",
        },
      ],
    },
    "invalid",
    "client1, client2 on host1 were lost 1.0 s before the window: it ended",
  ],
  [
    "an observer without its place",
    { observerFailures: [{ node: "node1", reason: "height 5 is pruned" }] },
    "invalid",
    "the commit observer of node1 lost its position: height 5 is pruned",
  ],
  [
    "a machine that slept",
    { stalls: [{ atSecs: 3, lengthMs: 60_000, cause: "asleep" }] },
    "invalid",
    "the machine slept for 60.0 s, 3.0 s into the window",
  ],
  [
    "a generator that was stopped",
    { stalls: [{ atSecs: 3, lengthMs: 1_500, cause: "stopped" }] },
    "generator-limited",
    "the load generator stalled for 1.5 s",
  ],
  [
    "a generator that was stopped where the window begins",
    { stalls: [{ atSecs: -0.01, lengthMs: 1_500, cause: "stopped" }] },
    "generator-limited",
    "the load generator stalled for 1.5 s, 0.0 s into the window",
  ],
  [
    "a generator that was stopped from the warm-up into the window",
    { stalls: [{ atSecs: -1, lengthMs: 1_500, cause: "stopped" }] },
    "generator-limited",
    "the load generator stalled for 1.5 s, 1.0 s before the window",
  ],
  [
    "a generator that was stopped in the warm-up alone",
    { stalls: [{ atSecs: -2, lengthMs: 1_500, cause: "stopped" }] },
    "valid",
    "",
  ],
  [
    "a generator that may open no more files",
    {
      rejections: [
        { reason: "connection failed: EMFILE", count: 4 },
        { reason: "connection failed: ECONNREFUSED", count: 7 },
      ],
    },
    "generator-limited",
    "the load generator had too many open files, its limit being ulimit -n (EMFILE), for 4 of its transactions",
  ],
  ["a node that refuses", { rejections: [{ reason: "the mempool is full", count: 7 }] }, "valid", ""],
  ["a wall clock that was set", { stalls: [{ atSecs: 3, lengthMs: 900, cause: "clock-step" }] }, "valid", ""],
  [
    "sends later than a tenth of the median latency",
    { lateness: { count: 1000, censored: 0, p99: { ms: 15.1, atLeast: false } } },
    "generator-limited",
    "p99 lateness of sends 15.1 ms, limit 15.0 ms",
  ],
  [
    "too little of the load sent",
    accountsOf({
      ...ledger,
      unsent: { dropped: 20, cut: 0 },
      sent: { ...ledger.sent, acknowledged: { committed: 980, notSeen: 0 } },
    }),
    "generator-limited",
    "sent 98.00 % of the offered load, limit 99.00 %",
  ],
  [
    "an observer that comes later to its blocks than a tenth of the median latency",
    { observer: { ...observer, loopDelayP99Ms: 15.1, loopDelayMaxMs: 220.04, cpuMaxRatio: 0.987 } },
    "generator-limited",
    "the commit observer read blocks late: p99 15.1 ms, limit 15.0 ms (CPU 0.99 of a core in the busiest second, at most 220.0 ms)",
  ],
  [
    "an observer that is late now and then",
    { observer: { ...observer, loopDelayP99Ms: 15, loopDelayMaxMs: 900 } },
    "valid",
    "",
  ],
  [
    "the in-flight cap",
    { inFlightCapReached: true },
    "generator-limited",
    "a client's share of the in-flight cap (1024 requests",
  ],
];

describe("the verdict of a run", () => {
  test.each(cases)("%s", (_sentence, change, status, reason) => {
    const verdict = judgeRun({ ...good, ...change }, limits);
    expect(verdict.status).toBe(status);
    expect(verdict.reasons.join("; ")).toContain(reason);
    expect(verdict.reasons.length === 0).toBe(status === "valid");
  });

  const late = { lateness: { ...lateness, p99: { ms: 48, atLeast: false } } };
  const slowObserver = { observer: { ...observer, loopDelayP99Ms: 48 } };
  const onClient = {
    ...disturbedEnvironment,
    hosts: [{ ...disturbedEnvironment.hosts[1], host: "coordinator" }],
  };
  test.each<[sentence: string, change: Partial<Evidence>, by: "machine" | "generator" | undefined]>([
    ["nothing", {}, undefined],
    ["late sends on a machine that nobody looked at", late, "generator"],
    [
      "late sends, mostly while others were busy",
      { ...late, lateSeconds: { late: 3, disturbed: 2 } },
      "machine",
    ],
    [
      "late sends, half of them while others were busy",
      { ...late, lateSeconds: { late: 4, disturbed: 2 } },
      "generator",
    ],
    [
      "late sends on a machine that others used only at other times",
      { ...late, environment: onClient as EnvironmentReport, lateSeconds: { late: 3, disturbed: 0 } },
      "generator",
    ],
    [
      "late sends while others were busy, and a cap that was reached",
      { ...late, lateSeconds: { late: 3, disturbed: 3 }, inFlightCapReached: true },
      "generator",
    ],
    [
      "a late observer on a disturbed machine",
      { ...slowObserver, environment: onClient as EnvironmentReport },
      "machine",
    ],
    [
      "a late observer, a host of nodes being disturbed",
      { ...slowObserver, environment: disturbedEnvironment },
      "generator",
    ],
    [
      "an invalid run",
      { ...late, lateSeconds: { late: 3, disturbed: 3 }, windowTransactions: 1100 },
      undefined,
    ],
  ])("limited by whom: %s", (_, change, by) => {
    expect(judgeRun({ ...good, ...change }, limits).limitedBy).toBe(by);
  });

  test("what makes a run invalid outweighs a tired generator, and both are told", () => {
    const verdict = judgeRun(
      { ...good, inFlightCapReached: true, nodeExits: [{ node: "node0", exitCode: 1, signal: null }] },
      limits,
    );
    expect(verdict.status).toBe("invalid");
    expect(verdict.reasons).toHaveLength(2);
  });

  test("late sends are told with what the latest client saw of itself", () => {
    const late = { ...lateness, p99: { ms: 48, atLeast: false } };
    const half = {
      ...ledger,
      scheduled: 500,
      sent: { ...ledger.sent, acknowledged: { committed: 500, notSeen: 0 } },
    };
    const busy = { cpuMaxRatio: 0.998, loopDelayMaxMs: 60.04, gcPauseTotalMs: 12.4 };
    const client = { name: "client0", host: "coordinator", ledger, lateness: late, generator: busy };
    const reasons = (clients: Evidence["clients"]) =>
      judgeRun({ ...good, lateness: late, clients }, limits).reasons;
    const causes =
      "CPU 1.00 of a core in the busiest second, event loop late by at most 60.0 ms, garbage collection 12 ms in all";
    expect(reasons([client])).toEqual([`p99 lateness of sends 48.0 ms, limit 15.0 ms (${causes})`]);
    expect(
      reasons([
        { ...client, name: "client0", ledger: half, lateness, generator: { cpuMaxRatio: 0.1 } },
        { ...client, name: "client1", ledger: half },
      ]),
    ).toEqual([`p99 lateness of sends 48.0 ms, limit 15.0 ms (client1: ${causes})`]);
  });

  test("the lateness limit never falls below its floor, also where no latency was seen", () => {
    expect(latenessLimitMs(undefined, limits)).toBe(2);
    expect(latenessLimitMs(5, limits)).toBe(2);
    expect(latenessLimitMs(400, limits)).toBe(40);
  });
});
