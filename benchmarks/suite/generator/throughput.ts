/** How much a load generator sends when nothing holds it back. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Sink } from "../sink/sink.ts";
import { PinnedProcess, until } from "./pinned.ts";

export interface Bench {
  /** Cores of the generator and of the sink, as taskset takes them. */
  readonly generatorCores: string;
  readonly sinkCores: string;
  /** Where programs are kept that were built or installed. */
  readonly cache: string;
}

export interface GeneratorCommand {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A load generator in one setting. */
export interface Contender {
  readonly label: string;
  readonly sink: "c" | "node";
  /** @param load.seconds it is to send for at least so long */
  readonly command: (load: {
    readonly port: number;
    readonly seconds: number;
    /** For its files; removed afterwards. */
    readonly folder: string;
  }) => Promise<GeneratorCommand>;
}

export interface Throughput {
  /** Transactions that came to the sink, by its own count and clock. */
  readonly tps: number;
  /** CPU time of all the generator's threads for each of them. */
  readonly cpuUs: number;
  /** Share of the window in which the generator, and the sink, used a core; above 1 with several. */
  readonly generatorBusyRatio: number;
  readonly sinkBusyRatio: number;
  /** What the generator said of itself, where it ended by itself. */
  readonly said: string;
}

const startTimeoutMs = 30_000;

/** Runs it against a fresh sink, and counts what comes in a window after a warm-up. */
export async function measureThroughput(
  contender: Contender,
  { bench, warmUpSecs, windowSecs }: { bench: Bench; warmUpSecs: number; windowSecs: number },
): Promise<Throughput> {
  const folder = await mkdtemp(join(tmpdir(), "baleen-generator-"));
  try {
    const { cache, generatorCores: cores } = bench;
    await using sink = await Sink.start({ kind: contender.sink, cores: bench.sinkCores, cache });
    const seconds = warmUpSecs + windowSecs + 1;
    const { argv, env } = await contender.command({ port: sink.port, seconds, folder });
    const options = { cores, cwd: folder, env: { ...process.env, ...env } };
    await using generator = new PinnedProcess(argv, options);
    await until(async () => generator.isOver || (await sink.totals()).transactions > 0, {
      timeoutMs: startTimeoutMs,
      what: `The first transaction of ${contender.label}`,
    });
    await delay(warmUpSecs * 1000);
    await checkAlive(generator);
    const before = { sink: await sink.totals(), cpuMs: await generator.cpuMs() };
    await delay(windowSecs * 1000);
    await checkAlive(generator);
    const after = { sink: await sink.totals(), cpuMs: await generator.cpuMs() };
    const transactions = after.sink.transactions - before.sink.transactions;
    const lengthMs = after.sink.atMs - before.sink.atMs;
    const cpuMs = after.cpuMs - before.cpuMs;
    const { stdout } = await generator.ended;
    return {
      tps: (transactions / lengthMs) * 1000,
      cpuUs: (cpuMs / transactions) * 1000,
      generatorBusyRatio: cpuMs / lengthMs,
      sinkBusyRatio: (after.sink.cpuMs - before.sink.cpuMs) / lengthMs,
      said: stdout.slice(-20_000),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkAlive(generator: PinnedProcess): Promise<void> {
  if (!generator.isOver) return;
  const { exitCode, stdout, stderr } = await generator.ended;
  const said = `${stdout.slice(-500)}\n${stderr.slice(-1500)}`.trim();
  throw new Error(`It ended before its time, with exit code ${exitCode}: ${said}`);
}
