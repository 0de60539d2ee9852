/**
 * Measures the embedded validator beside a real CometBFT on the same cores, in turn:
 * `node benchmarks/suite/beside-cometbft.ts --help`.
 *
 * Prints Markdown, and writes it with all figures to benchmarks/suite/results/. Progress goes to standard error.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Network } from "../../src/contracts/deployment.ts";
import { describeError } from "../../src/core/errors.ts";
import { runCommand } from "../../src/core/process/command.ts";
import { checkAgreement } from "./agreement.ts";
import { flag, needed, number, readCommandLine, text } from "./command-line.ts";
import { type Contender, listContenders, startEmbedded } from "./contenders.ts";
import { type LatencyResult, measureLatency } from "./latency.ts";
import { readMachineFacts } from "./machine.ts";
import {
  bestLevel,
  formatComparison,
  formatSweep,
  type LevelResult,
  type Round,
  type Sustained,
  type SweepCell,
} from "./report.ts";
import { measureSaturation } from "./saturation.ts";

const transactionSizeBytes = 512;
const batch = 10;
const connectionsPerNode = 2;
const sustainedTps = 8_000;
/** Of those, single transactions whose latency is measured. */
const sampledTps = 20;

const values = readCommandLine("Measures the embedded validator beside a real CometBFT, in turns.", {
  cometbft: needed("PATH", "where CometBFT is; scripts/go-programs.ts cometbft builds it"),
  rounds: number("turns of each system", 2, 1),
  name: text("NAME", "of the files with the results", "beside-cometbft"),
  sweep: flag("try many loads, shortly each, instead"),
});
const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort(new Error("interrupted")));
process.once("SIGTERM", () => interrupt.abort(new Error("terminated")));
const { signal } = interrupt;
let lastRun = 0;

async function main(): Promise<void> {
  await import("../../scripts/build.mjs" as string);
  const program = resolve(values.cometbft);
  const machine = { ...readMachineFacts(), cometBft: await readVersion(program) };
  const contenders = listContenders(program);
  if (values.sweep) {
    const cells = await sweep(contenders);
    await save(`${values.name}-sweep`, formatSweep(machine, cells), { machine, cells });
    return;
  }
  const rounds: Round[] = [];
  for (let round = 1; round <= values.rounds; round++) {
    for (const contender of contenders) rounds.push(await measure(contender, round));
  }
  const sustained = await sustain();
  const name = values.name;
  if (rounds.some((round) => bestLevel(round) === undefined)) process.exitCode = 1;
  await save(name, formatComparison({ machine, contenders, rounds, sustained }), {
    machine,
    rounds,
    sustained,
  });
}

/** As `cometbft version` tells it. */
async function readVersion(program: string): Promise<string> {
  return (await runCommand([program, "version"], { timeoutMs: 10_000 })).stdout.trim();
}

/** Latency, then saturation, of one fresh committee. */
async function measure(contender: Contender, number: number): Promise<Round> {
  notify(`round ${number}: ${contender.name}`);
  await using network = await start(contender.start);
  const latency = await measureLatency(network, {
    rateTps: 200,
    transactionSizeBytes,
    windowSecs: 6,
    nodes: network.nodes.length,
    run: ++lastRun,
    signal,
  });
  const saturations: LevelResult[] = [];
  for (const mostTransactions of contender.mostUncommitted) {
    saturations.push(
      await saturateOrFail(network, { mostTransactions, connectionsPerNode, windowMs: 20_000 }),
    );
  }
  await checkAgreement(network, signal);
  const round: Round = { contender: contender.name, round: number, latency, saturations };
  const best = bestLevel(round);
  const saturated =
    best === undefined ? "no load withstood" : `${Math.round(best.throughputTps)} tx/s saturated`;
  notify(`  p50 ${latency.commit.p50?.ms} ms at 200 tx/s, ${saturated}`);
  return round;
}

/** The embedded validator under a steady load, with the latency of a few transactions sent beside it. */
async function sustain(): Promise<Sustained> {
  notify(`embedded at ${sustainedTps} tx/s for 30 s`);
  await using network = await start(startEmbedded);
  let sampling: Promise<LatencyResult> | undefined;
  let latency: LatencyResult | undefined;
  const saturation = await measureSaturation(network, {
    pressure: { kind: "rate", rateTps: sustainedTps - sampledTps },
    run: ++lastRun,
    connectionsPerNode,
    batch,
    transactionSizeBytes,
    warmUpMs: 5_000,
    windowMs: 30_000,
    signal,
    onWindow: async (edge) => {
      if (edge === "end") latency = await sampling;
      else sampling = sample(network);
    },
    committedBeside: () => latency?.committed ?? 0,
  });
  if (latency === undefined) throw new Error("No latency was sampled.");
  await checkAgreement(network, signal);
  return { saturation, latency };
}

/** One node, so that only one of them pays for a subscription with every transaction in it. */
function sample(network: Network): Promise<LatencyResult> {
  const sampling = measureLatency(network, {
    rateTps: sampledTps,
    transactionSizeBytes,
    windowSecs: 26,
    nodes: 1,
    run: ++lastRun,
    signal,
  });
  // Awaited at the end of the window; until then nobody is there to take a failure.
  sampling.catch(() => {});
  return sampling;
}

/** Every contender under loads of all kinds, shortly; a load that breaks it is an answer too. */
async function sweep(contenders: readonly Contender[]): Promise<SweepCell[]> {
  const cells: SweepCell[] = [];
  for (const contender of contenders) {
    for (const connectionsPerNode of [2, 8]) {
      await using network = await start(contender.start);
      for (const mostTransactions of [1_000, 2_000, 4_000, 8_000, 20_000, 40_000]) {
        const level = await saturateOrFail(network, {
          mostTransactions,
          connectionsPerNode,
          windowMs: 8_000,
        });
        cells.push({ contender: contender.name, connectionsPerNode, level });
        notify(`${contender.name}, ${connectionsPerNode} connections: ${JSON.stringify(level)}`);
        if ("failure" in level) break;
      }
    }
  }
  return cells;
}

/** A load that breaks a system is an answer too. */
async function saturateOrFail(
  network: Network,
  load: { mostTransactions: number; connectionsPerNode: number; windowMs: number },
): Promise<LevelResult> {
  const { mostTransactions, ...rest } = load;
  try {
    const saturation = await measureSaturation(network, {
      ...rest,
      pressure: { kind: "uncommitted", mostTransactions },
      run: ++lastRun,
      batch,
      transactionSizeBytes,
      warmUpMs: 3_000,
      signal,
    });
    return { mostTransactions, ...saturation };
  } catch (error) {
    signal.throwIfAborted();
    return { mostTransactions, failure: describeError(error) };
  }
}

function start(begin: Contender["start"]): Promise<Network> {
  const run = `suite-${process.pid}-${++lastRun}`;
  return begin({ stateDir: join(tmpdir(), "baleen-suite"), run, env: process.env, signal });
}

async function save(name: string, markdown: string, figures: unknown): Promise<void> {
  const folder = fileURLToPath(new URL("results", import.meta.url));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.md`), markdown);
  const plain = (_key: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(figures, plain, 2)}\n`);
  console.log(markdown);
  notify(`written to ${folder}/${name}.md and .json`);
}

function notify(text: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
}

main().catch((error: unknown) => {
  console.error(`beside-cometbft: ${describeError(error)}`);
  process.exitCode = signal.aborted ? 130 : 1;
});
