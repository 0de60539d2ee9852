/**
 * What watching commits costs the thread that does it, and the memory of its process:
 * `node benchmarks/suite/observer-cost.ts --help`. Blocks come over WebSockets from a thread that makes none of them
 * anew. Prints Markdown.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { delay } from "../../src/core/async.ts";
import { systemClock } from "../../src/core/clock.ts";
import { openObserver } from "../../src/load/observe/observer.ts";
import { mysticeti } from "../../src/protocol/mysticeti.ts";
import type { BlockServerData } from "./block-server.ts";
import { number, readCommandLine } from "./command-line.ts";
import { formatTable } from "./markdown.ts";

const values = readCommandLine("Measures the commit observer.", {
  nodes: number("nodes that show every block", 4, 1),
  transactions: number("transactions in a block", 1_000, 1),
  size: number("bytes of a transaction", 512, 18),
  every: number("milliseconds from one block to the next", 50, 1),
  secs: number("length of the measurement", 10, 1),
});

const workerData: BlockServerData = {
  transactions: values.transactions,
  sizeBytes: values.size,
  everyMs: values.every,
};
const server = new Worker(new URL("block-server.ts", import.meta.url), { workerData });
const [port] = (await once(server, "message")) as [number];
const targets = Array.from({ length: values.nodes }, (_, index) => ({
  node: `node${index}`,
  rpc: { host: "127.0.0.1", port },
}));
const clients = [0, 1, 2, 3].map((client) => ({ client, places: targets.map((_, index) => index) }));
const windowMs = values.secs * 1000;
const plan = { run: 1, windowMs, targets, clients, keepsHeights: false };

let reported = 0;
await using observer = await openObserver(plan, mysticeti, {
  clock: systemClock,
  signal: new AbortController().signal,
  emit: ({ type }) => console.error(type),
  onCommits: (_client, { sequences }) => {
    reported += sequences.length;
  },
  onWatermark: () => {},
});
const warmUpMs = 2_000;
observer.begin(systemClock.monotonicMs() + warmUpMs);
let memoryMaxBytes = 0;
const sampling = setInterval(() => {
  memoryMaxBytes = Math.max(memoryMaxBytes, process.memoryUsage.rss());
}, 20);
await delay(warmUpMs + windowMs + 100);
clearInterval(sampling);
const { observer: figures } = observer.finish();
if (figures === undefined || reported === 0) throw new Error("The observer saw no commits.");
const { cpuMs = Number.NaN, transactions } = figures;
const rows = [
  ["blocks read", String(figures.blocks)],
  ["transactions read, per second", (transactions / values.secs).toFixed(0)],
  ["CPU, of a core", (cpuMs / windowMs).toFixed(3)],
  ["CPU for each transaction read, µs", ((cpuMs * 1000) / transactions).toFixed(3)],
  [
    `CPU for each commit (seen at ${values.nodes} nodes), µs`,
    ((cpuMs * 1000 * values.nodes) / transactions).toFixed(3),
  ],
  ["event loop late, p99, ms", (figures.loopDelayP99Ms ?? Number.NaN).toFixed(2)],
  ["event loop late, most, ms", (figures.loopDelayMaxMs ?? Number.NaN).toFixed(2)],
  ["read to told, most, ms", (figures.lagMaxMs ?? Number.NaN).toFixed(2)],
  ["length of a block's message, MB", (figures.bytes / figures.blocks / 1e6).toFixed(2)],
  ["most memory of the process, server's thread included, MiB", (memoryMaxBytes / 2 ** 20).toFixed(0)],
];
console.log(formatTable(["", "value"], rows));
await server.terminate();
