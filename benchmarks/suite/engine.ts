/**
 * What the client engine costs by itself: nanoseconds of CPU time per transaction, part by part.
 *
 *     node benchmarks/suite/engine.ts [--help]
 *
 * There is no network: a transport that is none acknowledges each transaction after the turn that it was sent in, and
 * commits come in batches from the same thread. So the figures are costs of the bookkeeping, to be watched from one
 * version to the next, and say nothing of how fast a load generator is. Progress goes to standard error, the result
 * (Markdown) to standard output. Exit 1 where a ledger is not as it must be.
 */
import { threadCpuUsage } from "node:process";
import { systemClock } from "../../src/core/clock.ts";
import { Client } from "../../src/load/client/engine.ts";
import { buildPacer } from "../../src/load/pacing/pacer.ts";
import type { ClientPlan, PacingMode, SenderReport } from "../../src/load/plan/client-plan.ts";
import { SecondRows } from "../../src/load/tally/seconds.ts";
import { Tally } from "../../src/load/tally/tally.ts";
import { Histogram } from "../../src/metrics/stats/histogram.ts";
import { LatencyRecord, summarizeLatency } from "../../src/metrics/stats/latency-record.ts";
import { broadcastTxAsync, largestSubmittedBytes } from "../../src/protocol/rpc/json-rpc.ts";
import { buildTransactionFormat } from "../../src/protocol/transactions/transaction.ts";
import { number, numbers, readCommandLine } from "./command-line.ts";
import { readMachineFacts } from "./machine.ts";
import { formatTable } from "./markdown.ts";
import { nullTransport } from "./null-transport.ts";

const asked = readCommandLine(
  "Tells what the client engine costs by itself, without a network, in CPU time per transaction.",
  {
    transactions: number("transactions of each measurement", 2e6, 1e4),
    rounds: number("times that each is measured; the median counts", 5, 1),
    targets: number("nodes that the transactions go to", 4, 1),
    clients: number("clients that the run has; one of them is measured", 1, 1),
    rates: numbers("loads at which lateness is told as well, tx/s", "1000,50000,500000"),
  },
);

const protocol = {
  transactions: buildTransactionFormat(largestSubmittedBytes),
  submission: broadcastTxAsync,
};

/** Of all clients together. */
function planOf(transactions: number, rateTps: number, pacing: PacingMode = "precise"): ClientPlan {
  return {
    run: 1,
    client: 0,
    share: { index: 0, of: asked.clients },
    seed: 1,
    targets: Array.from({ length: asked.targets }, (_, index) => ({
      node: `node${index}`,
      rpc: { host: "127.0.0.1", port: index },
    })),
    transport: { kind: "http", inFlightPerConnection: 64, batchSize: 1 },
    rateTps,
    arrival: "constant",
    pacing,
    transactionSizeBytes: 512,
    warmUpMs: 100,
    windowTransactions: transactions * asked.clients,
    windowMs: Math.ceil((transactions * asked.clients * 1000) / rateTps),
    drainMs: 10_000,
    requestTimeoutMs: 5000,
    maxInFlight: 65_536,
    queueLimit: 1_000_000,
    lateAfterMs: 2,
    failover: false,
    segments: [],
  };
}

function cpuNs(): number {
  const { user, system } = threadCpuUsage();
  return (user + system) * 1000;
}

/** Nanoseconds of CPU time for each of `count`. */
function nsEach(count: number, work: () => void): number {
  const beforeNs = cpuNs();
  work();
  return (cpuNs() - beforeNs) / count;
}

const latencyUs = (i: number) => 300 + ((i * 7919) & 1023);

function recordedValue(): number {
  const histogram = new Histogram();
  return nsEach(asked.transactions, () => {
    for (let i = 0; i < asked.transactions; i++) histogram.recordWhole(latencyUs(i));
  });
}

function recordedLatency(): number {
  const record = new LatencyRecord();
  return nsEach(asked.transactions, () => {
    for (let i = 0; i < asked.transactions; i++) record.recordWhole(latencyUs(i));
  });
}

function dueTimes(): number {
  const pacer = buildPacer(planOf(asked.transactions, 500_000));
  let sum = 0;
  return nsEach(pacer.transactions, () => {
    for (let i = 0; i < pacer.transactions; i++) sum += pacer.dueMs(i);
    if (Number.isNaN(sum)) throw new Error("a due time is no number");
  });
}

/** All transactions through the books, with a clock of its own: under way for 64 turns, committed after 2,000. */
function books(commitsObservable: boolean): number {
  const plan = { ...planOf(asked.transactions, 500_000), share: { index: 0, of: 1 } };
  const pacer = buildPacer(plan);
  const seconds = new SecondRows({ startMs: -plan.warmUpMs, windowMs: plan.windowMs }, () => {});
  const tally = new Tally({ plan, pacer, commitsObservable, seconds });
  const count = Math.min(asked.transactions, pacer.transactions);
  tally.begin(0);
  const [replyLag, commitLag] = [64, commitsObservable ? 2000 : 64];
  return nsEach(count, () => {
    for (let i = 0; i < count + commitLag; i++) {
      const nowMs = i / 500;
      if (i < count && tally.admit(i, nowMs - 0.05, nowMs)) tally.sent(i, i % asked.targets, nowMs);
      const replied = i - replyLag;
      if (replied >= 0 && replied < count) tally.acknowledged(replied, nowMs);
      const seen = i - commitLag;
      if (commitsObservable && seen >= 0) tally.committed(seen, seen % asked.targets, nowMs);
      if (i % 4096 === 0) seconds.closeUpTo(nowMs - 10);
    }
  });
}

interface Driven {
  readonly nsEach: number;
  readonly report: SenderReport;
}

/** All of a run by the engine; commits, where they can be observed, follow the replies in batches. */
async function drive(plan: ClientPlan, commitsObservable: boolean): Promise<Driven> {
  const openTransport = nullTransport(({ port, sequences, nowMs }) => {
    if (commitsObservable) client.commits({ target: port, seenMs: nowMs, sequences });
  });
  using client = new Client(plan, protocol, {
    clock: systemClock,
    signal: new AbortController().signal,
    onSecond: () => {},
    emit: () => {},
    commitsObservable,
    openTransport,
  });
  client.watermark(Number.POSITIVE_INFINITY);
  await client.prepare();
  const beforeNs = cpuNs();
  const report = await client.run(systemClock.monotonicMs() + plan.warmUpMs + 5);
  const { committed, notSeen } = report.ledger.sent.acknowledged;
  const wanted = commitsObservable ? committed : notSeen;
  if (wanted !== report.ledger.scheduled || wanted !== Math.ceil(plan.windowTransactions / plan.share.of)) {
    throw new Error(`The ledger is wrong: ${JSON.stringify(report.ledger)}`);
  }
  const sent = wanted + Math.floor((plan.rateTps * plan.warmUpMs) / 1000 / plan.share.of);
  return { nsEach: (cpuNs() - beforeNs) / sent, report };
}

/** More than it can do, so that it never waits: what it costs then is work. */
const saturating = planOf(asked.transactions, 20_000_000 * asked.clients);

/** Each part once; all parts in turn, round by round, so that what the machine does meanwhile befalls all alike. */
const parts: readonly (readonly [string, () => number | Promise<number>])[] = [
  ["one value into a histogram", recordedValue],
  ["one value into a histogram, with exact sums", recordedLatency],
  ["due time", dueTimes],
  ["books: due, sent, acknowledged", () => books(false)],
  ["books: due, sent, acknowledged, committed", () => books(true)],
  ["the engine, commits not observed", async () => (await drive(saturating, false)).nsEach],
  ["the engine, commits observed", async () => (await drive(saturating, true)).nsEach],
];

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const machine = readMachineFacts();
const figures = parts.map((): number[] => []);
for (let round = 0; round < asked.rounds; round++) {
  for (const [index, [name, measure]] of parts.entries()) {
    figures[index]?.push(await measure());
    process.stderr.write(`round ${round + 1}: ${name}\n`);
  }
}
const costs = parts.map(([name], index) => {
  const of = figures[index] ?? [];
  return [name, median(of).toFixed(1), `${Math.min(...of).toFixed(1)} to ${Math.max(...of).toFixed(1)}`];
});

const paced: string[][] = [];
for (const rateTps of asked.rates) {
  for (const pacing of ["precise", "balanced", "eco"] as const) {
    const plan = planOf(rateTps * 3, rateTps * asked.clients, pacing);
    const { nsEach: ns, report } = await drive(plan, false);
    const { p50, p99, maxMs = 0 } = summarizeLatency(report.lateness);
    const us = (ms = 0) => (ms * 1000).toFixed(0);
    paced.push([
      `${rateTps} tx/s, ${pacing}`,
      ...[us(p50?.ms), us(p99?.ms), us(maxMs)],
      ((report.generator.cpuMeanRatio ?? 0) * 100).toFixed(0),
      ns.toFixed(0),
    ]);
    process.stderr.write(`${rateTps} tx/s, ${pacing}\n`);
  }
}

process.stdout.write(`# The client engine by itself

${machine.cpu}, ${machine.cores} cores, ${machine.kernel}, Node ${machine.node}, load ${machine.loadBefore.toFixed(2)} before, ${machine.startedAt}. \`node benchmarks/suite/engine.ts --transactions ${asked.transactions} --rounds ${asked.rounds} --targets ${asked.targets} --clients ${asked.clients}\`

No network, no node: these are costs of the bookkeeping, and no result.

${formatTable(["CPU time per transaction", "ns, median", "least to most"], costs)}

How late transactions are offered, 3 s each, on this thread (where \`balanced\` waits as \`precise\` does), which is also the one that replies:

${formatTable(["load", "p50 µs", "p99 µs", "most µs", "CPU %", "ns per tx"], paced)}
`);
