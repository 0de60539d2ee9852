/** Tables of what was measured. Pure. */
import type { Quantile } from "../../src/contracts/results/latency.ts";
import type { Contender } from "./contenders.ts";
import type { LatencyResult } from "./latency.ts";
import type { MachineFacts } from "./machine.ts";
import { formatTable } from "./markdown.ts";
import type { SaturationResult } from "./saturation.ts";

/** Saturation with so many transactions kept uncommitted, or why there is none. */
export type LevelResult = { readonly mostTransactions: number } & (
  | SaturationResult
  | { readonly failure: string }
);

/** One contender, once. */
export interface Round {
  readonly contender: string;
  readonly round: number;
  readonly latency: LatencyResult;
  readonly saturations: readonly LevelResult[];
}

export interface SweepCell {
  readonly contender: string;
  readonly connectionsPerNode: number;
  readonly level: LevelResult;
}

/** A steady load, and the latency of a few transactions sent beside it. */
export interface Sustained {
  readonly saturation: SaturationResult;
  readonly latency: LatencyResult;
}

export type Facts = MachineFacts & { readonly cometBft: string };

/** Above this much load before the start somebody else was using the machine. */
const busyLoad = 0.5;

/** undefined where every level failed. */
export function bestLevel({ saturations }: Round): (SaturationResult & LevelResult) | undefined {
  const measured = saturations.filter((level) => "throughputTps" in level);
  return measured.toSorted((a, b) => b.throughputTps - a.throughputTps)[0];
}

export function formatComparison(results: {
  readonly machine: Facts;
  readonly contenders: readonly Contender[];
  readonly rounds: readonly Round[];
  readonly sustained: Sustained;
}): string {
  const { machine, contenders, rounds, sustained } = results;
  const rows = contenders.map(({ name }) => {
    const own = rounds.filter(({ contender }) => contender === name);
    const saturated = (pick: (result: SaturationResult & LevelResult) => number, digits: number) => {
      const best = own.map(bestLevel);
      return best.map((level) => (level === undefined ? "failed" : pick(level).toFixed(digits))).join(" / ");
    };
    return [
      name,
      own.map(({ latency }) => formatQuantile(latency.commit.p50)).join(" / "),
      own.map(({ latency }) => formatQuantile(latency.commit.p99)).join(" / "),
      own.map(({ latency }) => (100 * latency.successRatio).toFixed(2)).join(" / "),
      saturated(({ throughputTps }) => throughputTps, 0),
      saturated(({ mostTransactions }) => mostTransactions, 0),
      saturated(({ lost }) => lost, 0),
      saturated(({ nodesCpuUs }) => nodesCpuUs, 1),
      saturated(({ generatorCpuUs }) => generatorCpuUs, 1),
      saturated(({ coresUsed }) => coresUsed, 2),
    ];
  });
  const failures = formatFailures(
    rounds.flatMap(({ contender, saturations }) => saturations.map((level) => ({ name: contender, level }))),
  );
  const settings = contenders.map(
    ({ name, settings, mostUncommitted }) =>
      `- ${name}: ${settings}; ${mostUncommitted.join(" or ")} uncommitted`,
  );
  return [
    "# Beside CometBFT",
    formatFacts(machine),
    setup,
    formatTable(columns, rows),
    method,
    ...failures,
    "## Embedded validator at 8,000 tx/s for 30 s (defaults)",
    formatSustained(sustained),
    "## Settings",
    settings.join("\n"),
    differences,
    "",
  ].join("\n\n");
}

const columns = [
  "system",
  "p50 ms",
  "p99 ms",
  "success %",
  "saturated tx/s",
  "uncommitted",
  "lost",
  "nodes µs/tx",
  "generator µs/tx",
  "cores used",
];

const setup =
  "Four nodes as processes on the loopback of one machine, one system after the other, in turns; the generator runs " +
  "on the same cores. Transactions of 512 bytes, different from each other. Each cell holds the rounds in order.";

const method =
  "Latency: 200 tx/s of single transactions, open loop, due → commit seen, observed at all four nodes. Saturated: " +
  "batches of ten, two connections to each node, as many as keep a number of transactions uncommitted, the best of " +
  "those below; committed transactions per second, counted at one node from block to block. CPU time is that of all " +
  "four nodes together, per committed transaction. Lost is what was acknowledged and never committed: CometBFT " +
  "acknowledges broadcast_tx_async before it looks whether its mempool has room. The nodes of each committee agreed.";

const differences =
  "CometBFT runs its kvstore application inside, log level error, goleveldb. It syncs its log to the disk; the " +
  "embedded validator writes its log without that by default, executes no application and builds no Merkle roots. " +
  "Compare with this in mind.";

function formatSustained({ saturation, latency }: Sustained): string {
  const { throughputTps, coresUsed, nodesCpuUs, generatorCpuUs } = saturation;
  return (
    `${throughputTps.toFixed(0)} tx/s committed with ${coresUsed.toFixed(2)} cores in use, the generator's included ` +
    `(nodes ${nodesCpuUs.toFixed(1)} µs/tx, generator ${generatorCpuUs.toFixed(1)} µs/tx). Of ` +
    `${latency.commit.count} single transactions sent beside the batches: p50 ${formatQuantile(latency.commit.p50)} ` +
    `ms, p99 ${formatQuantile(latency.commit.p99)} ms. Lost: ${saturation.lost}.`
  );
}

export function formatSweep(machine: Facts, cells: readonly SweepCell[]): string {
  const loads = [...new Set(cells.map(({ level }) => level.mostTransactions))];
  const rowOf = ({ contender, connectionsPerNode }: SweepCell) => `${contender}, ${connectionsPerNode}`;
  const rows = [...new Set(cells.map(rowOf))].map((row) => [
    row,
    ...loads.map((load) => {
      const cell = cells.find((each) => rowOf(each) === row && each.level.mostTransactions === load);
      if (cell === undefined) return "";
      return "failure" in cell.level ? "failed" : cell.level.throughputTps.toFixed(0);
    }),
  ]);
  const failures = formatFailures(cells.map((cell) => ({ name: rowOf(cell), level: cell.level })));
  return [
    "# Committed tx/s by the transactions kept uncommitted and the connections to each node",
    formatFacts(machine),
    formatTable(["system, connections", ...loads.map(String)], rows),
    ...failures,
    "",
  ].join("\n\n");
}

/** A list of them as one paragraph; nothing where none failed. */
function formatFailures(levels: readonly { readonly name: string; readonly level: LevelResult }[]): string[] {
  const lines = levels.flatMap(({ name, level }) =>
    "failure" in level ? [`- ${name}, ${level.mostTransactions} uncommitted: failed: ${level.failure}`] : [],
  );
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function formatFacts(machine: Facts): string {
  const { cpu, cores, memoryGib, kernel, node, cometBft, loadBefore, startedAt } = machine;
  const busy = loadBefore > busyLoad ? " **The machine was busy with other work: provisional.**" : "";
  return (
    `${startedAt}; ${cpu}, ${cores} cores, ${memoryGib} GiB; ${kernel}; Node.js ${node}; CometBFT ${cometBft}; ` +
    `load before the start ${loadBefore.toFixed(2)}.${busy}`
  );
}

function formatQuantile(quantile: Quantile | undefined): string {
  if (quantile === undefined) return "not seen";
  return `${quantile.atLeast ? "≥ " : ""}${quantile.ms.toFixed(1)}`;
}
