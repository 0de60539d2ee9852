/** Tables of what was measured. Pure. */
import type { Quantile } from "../../src/contracts/result.ts";
import type { Contender } from "./contenders.ts";
import type { LatencyResult } from "./latency.ts";
import type { MachineFacts } from "./machine.ts";
import type { SaturationResult } from "./saturation.ts";

/** One contender, once. */
export interface Round {
  readonly contender: string;
  readonly round: number;
  readonly latency: LatencyResult;
  readonly saturation: SaturationResult;
}

export interface SweepCell {
  readonly contender: string;
  readonly connectionsPerNode: number;
  readonly mostTransactions: number;
  readonly throughputTps?: number;
  readonly failure?: string;
}

export type Facts = MachineFacts & { readonly cometBft: string };

/** Above this much load before the start somebody else was using the machine. */
const busyLoad = 0.5;

export function formatComparison(results: {
  readonly machine: Facts;
  readonly contenders: readonly Contender[];
  readonly rounds: readonly Round[];
  readonly sustained: { readonly saturation: SaturationResult; readonly latency: LatencyResult };
}): string {
  const { machine, contenders, rounds, sustained } = results;
  const rows = contenders.map(({ name }) => {
    const own = rounds.filter(({ contender }) => contender === name);
    const saturated = (pick: (result: SaturationResult) => number, digits: number) =>
      formatAll(
        own.map(({ saturation }) => pick(saturation)),
        digits,
      );
    return [
      name,
      own.map(({ latency }) => formatQuantile(latency.commit.p50)).join(" / "),
      own.map(({ latency }) => formatQuantile(latency.commit.p99)).join(" / "),
      formatAll(
        own.map(({ latency }) => 100 * latency.successRatio),
        2,
      ),
      saturated(({ throughputTps }) => throughputTps, 0),
      saturated(({ nodesCpuUs }) => nodesCpuUs, 1),
      saturated(({ generatorCpuUs }) => generatorCpuUs, 1),
      saturated(({ coresUsed }) => coresUsed, 2),
    ];
  });
  const { saturation, latency } = sustained;
  return [
    "# Beside CometBFT",
    formatFacts(machine),
    "Four nodes as processes on the loopback of one machine, one system after the other, in turns; the generator runs " +
      "on the same cores. Transactions of 512 bytes, different from each other. Each cell holds the rounds in order.",
    table(
      [
        "system",
        "p50 ms",
        "p99 ms",
        "success %",
        "saturated tx/s",
        "nodes µs/tx",
        "generator µs/tx",
        "cores used",
      ],
      rows,
    ),
    "Latency: 200 tx/s of single transactions, open loop, due → commit seen, observed at all four nodes. Saturated: " +
      "batches of ten, two connections to each node, as many as keep a fixed number of transactions uncommitted; " +
      "committed transactions per second, counted at one node from block to block. CPU time is that of all four nodes " +
      "together, per committed transaction. All that was acknowledged was committed, and the nodes agreed.",
    `## Embedded validator at 8,000 tx/s for 30 s (defaults)`,
    `${saturation.throughputTps.toFixed(0)} tx/s committed with ${saturation.coresUsed.toFixed(2)} cores in use, the ` +
      `generator's included (nodes ${saturation.nodesCpuUs.toFixed(1)} µs/tx, generator ` +
      `${saturation.generatorCpuUs.toFixed(1)} µs/tx). Of ${latency.commit.count} single transactions sent beside the ` +
      `batches: p50 ${formatQuantile(latency.commit.p50)} ms, p99 ${formatQuantile(latency.commit.p99)} ms.`,
    "## Settings",
    contenders
      .map(({ name, settings, mostUncommitted }) => `- ${name}: ${settings}; ${mostUncommitted} uncommitted`)
      .join("\n"),
    "CometBFT runs its kvstore application inside, log level error, goleveldb. It syncs its log to the disk; the " +
      "embedded validator writes its log without that by default, executes no application and builds no Merkle roots. " +
      "Compare with this in mind.",
    "",
  ].join("\n\n");
}

export function formatSweep(machine: Facts, cells: readonly SweepCell[]): string {
  const loads = [...new Set(cells.map(({ mostTransactions }) => mostTransactions))];
  const keys = [...new Set(cells.map((cell) => `${cell.contender} | ${cell.connectionsPerNode}`))];
  const rows = keys.map((key) => [
    key,
    ...loads.map((load) => {
      const cell = cells.find(
        (each) => `${each.contender} | ${each.connectionsPerNode}` === key && each.mostTransactions === load,
      );
      return cell?.throughputTps?.toFixed(0) ?? (cell?.failure === undefined ? "" : "failed");
    }),
  ]);
  const failures = cells.flatMap(({ contender, mostTransactions, failure }) =>
    failure === undefined ? [] : [`- ${contender} with ${mostTransactions} uncommitted: ${failure}`],
  );
  return [
    "# Committed tx/s by the transactions kept uncommitted and the connections to each node",
    formatFacts(machine),
    table(["system | connections", ...loads.map(String)], rows),
    ...(failures.length > 0 ? [failures.join("\n")] : []),
    "",
  ].join("\n\n");
}

function formatFacts(machine: Facts): string {
  const { cpu, cores, memoryGib, kernel, node, cometBft, loadBefore, startedAt } = machine;
  const busy = loadBefore > busyLoad ? " **The machine was busy with other work: provisional.**" : "";
  return (
    `${startedAt}; ${cpu}, ${cores} cores, ${memoryGib} GiB; ${kernel}; Node.js ${node}; CometBFT ${cometBft}; ` +
    `load before the start ${loadBefore.toFixed(2)}.${busy}`
  );
}

function formatAll(values: readonly number[], digits: number): string {
  return values.map((value) => value.toFixed(digits)).join(" / ");
}

function formatQuantile(quantile: Quantile | undefined): string {
  if (quantile === undefined) return "not seen";
  return `${quantile.atLeast ? "≥ " : ""}${quantile.ms.toFixed(1)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|---|${"---:|".repeat(head.length - 1)}`, ...rows.map(line)].join("\n");
}
