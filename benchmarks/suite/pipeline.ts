/**
 * What the client's own bookkeeping costs, and whether its memory grows with a run.
 *
 *     node benchmarks/suite/pipeline.ts [--help]
 *
 * Transactions go through pacer, tally, ring, latencies, seconds and ledger by a script, in one process with a virtual
 * clock and no socket. Progress goes to standard error, the result (Markdown) to standard output. Exit 1 where the
 * ledger is not the script's or memory grows.
 */
import { spawnSync } from "node:child_process";
import { isDeepStrictEqual } from "node:util";
import { summarizeLatency } from "../../src/metrics/stats/latency-record.ts";
import { latencyImbalances, ledgerImbalance } from "../../src/metrics/stats/ledger.ts";
import { number, readCommandLine } from "./command-line.ts";
import { readMachineFacts } from "./machine.ts";
import { formatTable } from "./markdown.ts";
import { type FeedOutcome, feed } from "./scripted-feed.ts";
import { fitSlope, steadyMemoryFlags } from "./slope.ts";

/**
 * Memory is said not to grow where the slope over the second half of the run is below two of its standard errors, or
 * below this many bytes for each 1,000 transactions: 100 kB in a run of 10⁸. Set before it was first measured.
 */
const negligibleBytes = 1;

const { transactions: asked, rate: rateTps } = readCommandLine(
  "Feeds transactions through the load generator's books, without a network.",
  {
    transactions: number("transactions, in whole thousands", 1e8, 1e5),
    rate: number("transactions per second of virtual time: 300 s of them are remembered", 20_000, 1),
  },
);
const transactions = Math.ceil(asked / 1000) * 1000;

const { gc: collectGarbage } = globalThis;
if (collectGarbage === undefined) {
  const { status } = spawnSync(process.execPath, [...steadyMemoryFlags, ...process.argv.slice(1)], {
    stdio: "inherit",
  });
  process.exit(status ?? 1);
}

interface Sample {
  readonly fed: number;
  /** After a full garbage collection. */
  readonly residentBytes: number;
}

function measure() {
  const samples: Sample[] = [];
  const sampleEvery = Math.max(1000, Math.round(transactions / 100));
  const [startMs, cpuStart] = [performance.now(), process.cpuUsage()];
  const outcome = feed({
    transactions,
    rateTps,
    sampleEvery,
    onSample: (fed) => {
      // What waits to be collected is no growth, and when the engine collects it is its own affair.
      collectGarbage?.();
      samples.push({ fed, residentBytes: process.memoryUsage.rss() });
      if (samples.length % 10 === 0) process.stderr.write(`${fed} transactions\n`);
    },
  });
  const { user, system } = process.cpuUsage(cpuStart);
  const each = (ns: number) => ns / transactions;
  return {
    outcome,
    samples,
    wallNs: each((performance.now() - startMs) * 1e6),
    cpuNs: each((user + system) * 1000),
  };
}

/** Why the books are wrong; empty where they are the script's. */
function faultsOf({ tally, lateness, expected, seconds }: FeedOutcome): string[] {
  const faults: string[] = [];
  const imbalance = ledgerImbalance(tally.book.ledger);
  if (imbalance !== undefined) faults.push(`the ledger does not balance: ${imbalance}`);
  if (!isDeepStrictEqual(tally.book.ledger, expected)) {
    faults.push(
      `the ledger is ${JSON.stringify(tally.book.ledger)}, not the script's ${JSON.stringify(expected)}`,
    );
  }
  const { commit, commitService, response, submit } = tally.latency;
  const latency = {
    commit: summarizeLatency(commit),
    commitService: summarizeLatency(commitService),
    response: summarizeLatency(response),
    submit: summarizeLatency(submit),
  };
  faults.push(...latencyImbalances(tally.book.ledger, latency, summarizeLatency(lateness)));
  if (seconds.due < expected.scheduled) faults.push(`the seconds add up to ${seconds.due} due transactions`);
  return faults;
}

const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);

const machine = readMachineFacts();
const { outcome, samples, wallNs, cpuNs } = measure();
const faults = faultsOf(outcome);
const second = samples.filter(({ fed }) => fed > transactions / 2);
const fitted = fitSlope(second.map(({ fed, residentBytes }) => [fed / 1000, residentBytes] as const));
const grows = fitted.slope > 2 * fitted.standardError && fitted.slope > negligibleBytes;
const tenths = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].flatMap((part) => {
  const sample = samples.find(({ fed }) => fed >= part * transactions);
  return sample === undefined ? [] : [[`${sample.fed}`, mebibytes(sample.residentBytes)]];
});

process.stdout.write(`# The load generator's books

${machine.cpu}, ${machine.cores} cores, ${machine.kernel}, Node ${machine.node}, load ${machine.loadBefore.toFixed(2)} before, ${machine.startedAt}. \`node benchmarks/suite/pipeline.ts --transactions ${transactions} --rate ${rateTps}\`

${transactions} transactions at ${rateTps} tx/s of virtual time, one process, no sockets. The ledger ${faults.length === 0 ? "is the script's, to the last transaction" : "IS WRONG"}.

- Time per transaction: ${wallNs.toFixed(0)} ns, of CPU ${cpuNs.toFixed(0)} ns (all threads, garbage collection and script included)
- Slope of resident memory over the second half, ${second.length} samples, each after a full garbage collection: ${fitted.slope.toFixed(2)} ± ${fitted.standardError.toFixed(2)} bytes for each 1,000 transactions (standard error). ${grows ? "IT GROWS" : "It does not grow"}: the bound, set beforehand, is two standard errors or ${negligibleBytes} byte.

${formatTable(["transactions", "resident MiB"], tenths)}
`);
for (const fault of faults) process.stderr.write(`${fault}\n`);
if (faults.length > 0 || grows) process.exitCode = 1;
