/**
 * How often a comparison is wrong, on systems whose capacity is known: stand-in nodes that commit at the rate of a token
 * bucket, so that the machine's drift is not what is tested.
 *
 *     npm run build && node benchmarks/suite/power.ts [--help]
 *
 * Pairs of sweeps take turns, run by run, as `baleen calibrate` has it. Of pairs with equal capacities each difference
 * that is claimed is a false alarm; of those with less capacity each that is not is a miss. Progress goes to standard
 * error, tables (Markdown) to standard output; the exit code is 1 where either happens too often.
 */
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Network } from "../../src/contracts/deployment.ts";
import type { SweepParameters } from "../../src/contracts/parameters.ts";
import type { LoadComparison } from "../../src/contracts/results/comparison.ts";
import type { RunResult } from "../../src/contracts/results/result.ts";
import { mapBounded } from "../../src/core/async.ts";
import { systemClock } from "../../src/core/clock.ts";
import { waitUntilReady } from "../../src/deploy/nodes/readiness.ts";
import { createProcessDeployer } from "../../src/deploy/process/deployer.ts";
import { defaultParameters } from "../../src/options/defaults.ts";
import { compareSweeps } from "../../src/results/analysis/comparison/compare.ts";
import { runOnce } from "../../src/run/workloads/transactions/run.ts";
import { buildStandInProtocol } from "../../test/stand-in/protocol.ts";
import { number, readCommandLine } from "./command-line.ts";
import { readMachineFacts } from "./machine.ts";
import { formatTable } from "./markdown.ts";

const asked = readCommandLine("Counts false alarms and misses of comparisons of systems of known capacity.", {
  pairs: number("pairs of each kind", 20, 1),
  runs: number("runs a side", 5, 4),
  capacity: number("transactions per second that a node commits at most", 50, 10),
  load: number("transactions per second that are offered", 75, 10),
  less: number("percent that the second side of a pair lacks", 10),
  window: number("seconds of each run's window", 8),
  parallel: number("pairs at once", 12, 1),
});
/** Of 20 pairs; the same shares of other numbers. */
const mostFalseAlarms = asked.pairs * 0.1;
const fewestFound = asked.pairs * 0.9;

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupt.abort());
const common = { signal: interrupt.signal, clock: systemClock, emit: () => {} };

const protocolOf = (capacityTps: number) =>
  buildStandInProtocol({ replyDelayMs: 0, commit: { kind: "after", ms: 20 }, capacityTps });

const deployer = createProcessDeployer({
  nodeBinary: process.execPath,
  stateDir: join(tmpdir(), "baleen-suite"),
  env: process.env,
});

async function deploy(capacityTps: number): Promise<Network> {
  const protocol = protocolOf(capacityTps);
  const run = randomBytes(4).toString("hex");
  const plan = protocol.plan({ nodes: 1, options: {} });
  const network = await deployer.deploy(plan, { ...common, run, cleanup: "remove" });
  await waitUntilReady(network, protocol, { ...common, timeoutMs: 60_000 });
  return network;
}

function buildParameters(): SweepParameters {
  const { localLoadsTps, remoteLoadsTps, consoleOutput, ...defaults } = defaultParameters;
  // The warm-up leaves a second's work waiting, so that a generator that is late does not leave the node idle.
  const lengths = { durationSecs: asked.window, warmUpSecs: 2, drainSecs: 60 };
  return {
    ...defaults,
    ...lengths,
    committee: 1,
    runtime: "process",
    loadsTps: [asked.load],
    keepNetwork: true,
  };
}

/** One comparison: A at the capacity, B with so much less of it, their runs in turns. */
async function comparePair(lessRatio: number): Promise<LoadComparison> {
  const capacities = { a: asked.capacity, b: asked.capacity * (1 - lessRatio) };
  await using a = await deploy(capacities.a);
  await using b = await deploy(capacities.b);
  const results = { a: [] as RunResult[], b: [] as RunResult[] };
  const sides = [
    { network: a, name: "a" },
    { network: b, name: "b" },
  ] as const;
  for (let round = 1; round <= asked.runs; round++) {
    for (const { network, name } of sides) {
      const { result } = await runOnce({
        ...common,
        network,
        protocol: protocolOf(capacities[name]),
        parameters: buildParameters(),
        loadTps: asked.load,
        benchmarkNumber: round,
        repetition: round,
        clientRuntime: { nodeBinary: process.execPath, env: process.env },
      });
      results[name].push(result);
    }
  }
  const sideOf = (name: "a" | "b") => ({ path: name, networkType: "local" as const, runs: results[name] });
  const [load] = compareSweeps(sideOf("a"), sideOf("b")).loads;
  if (load === undefined) throw new Error("the sides have no load in common");
  console.error(`${lessRatio === 0 ? "A/A" : `-${asked.less} %`}: ${load.verdict}`);
  return load;
}

interface Kind {
  readonly name: string;
  readonly loads: readonly LoadComparison[];
}

const range = (values: readonly (number | undefined)[]) => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? "-" : `${Math.min(...known).toFixed(3)} to ${Math.max(...known).toFixed(3)}`;
};

const outcomes = ["no-difference", "slower", "faster", "mixed", "no-verdict", "not-comparable"] as const;

function row({ name, loads }: Kind): string[] {
  const sum = (count: (load: LoadComparison) => number) =>
    String(loads.reduce((total, load) => total + count(load), 0));
  return [
    name,
    ...outcomes.map((outcome) => sum((load) => (load.outcome === outcome ? 1 : 0))),
    range(loads.map(({ metrics }) => metrics.throughput.ratio)),
    range(loads.map(({ metrics }) => metrics.avgLatency.ratio)),
    sum(({ a, b }) => a.generatorLimited + b.generatorLimited),
    sum(({ a, b }) => a.invalid + b.invalid),
  ];
}

const machine = readMachineFacts();
const startedMs = performance.now();
const ratios = [0, asked.less / 100].flatMap((ratio) => Array.from({ length: asked.pairs }, () => ratio));
const loads = await mapBounded(ratios, asked.parallel, comparePair);
const same = { name: "the same capacity", loads: loads.slice(0, asked.pairs) };
const lesser = { name: `${asked.less} % less`, loads: loads.slice(asked.pairs) };
const falseAlarms = same.loads.filter(({ outcome }) => outcome !== "no-difference").length;
const found = lesser.loads.filter(({ outcome }) => outcome === "slower").length;

const head = [
  "B has",
  ...outcomes.map((outcome) => outcome.replace("-", " ")),
  "throughput B/A",
  "latency B/A",
  "generator-limited runs",
  "invalid runs",
];
console.log(`# How often a comparison is wrong

${machine.startedAt}; ${machine.cpu}, ${machine.cores} cores; ${machine.kernel}; Node.js ${machine.node}; load before the start ${machine.loadBefore.toFixed(2)}. It took ${((performance.now() - startedMs) / 60_000).toFixed(1)} minutes.

${asked.pairs} pairs of each kind, ${asked.runs} runs a side, ${asked.load} tx/s offered to one stand-in node that commits ${asked.capacity} tx/s, windows of ${asked.window} s; ${asked.parallel} pairs at once. Cells are pairs by what the comparison says of B.

${formatTable(head, [row(same), row(lesser)])}

False alarms: ${falseAlarms} of ${asked.pairs} (at most ${mostFalseAlarms}). Found: ${found} of ${asked.pairs} (at least ${fewestFound}).`);
if (falseAlarms > mostFalseAlarms || found < fewestFound) process.exitCode = 1;
