/** A load generator at a rate, and what the sink saw of it. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "../sink/compile.ts";
import { Sink, type SinkOptions, type SinkRecord } from "../sink/sink.ts";
import { PinnedProcess } from "./pinned.ts";
import type { Bench, GeneratorCommand } from "./throughput.ts";

export interface PacedLoad {
  readonly port: number;
  readonly rateTps: number;
  readonly seconds: number;
  readonly folder: string;
}

/** A load generator that can be told a rate. */
export interface PacedContender {
  readonly label: string;
  readonly command: (load: PacedLoad) => Promise<GeneratorCommand>;
}

export interface PacedRun {
  readonly record: SinkRecord;
  /** What the generator said of itself: its standard output, and a file that it may have written, "" else. */
  readonly said: string;
  readonly summary: string;
}

export interface PacedOptions {
  readonly bench: Bench;
  readonly rateTps: number;
  readonly seconds: number;
  readonly sink?: Omit<SinkOptions, "cores" | "cache" | "mostRecorded">;
  /** Called once the generator runs; what it resolves with is awaited before the end. */
  readonly meanwhile?: (sink: Sink) => Promise<void>;
}

/** Room for what comes beside the load that was asked for. */
const spareRatio = 1.2;

/** Runs it to its own end. */
export async function runPaced(contender: PacedContender, options: PacedOptions): Promise<PacedRun> {
  const { bench, rateTps, seconds, meanwhile } = options;
  const folder = await mkdtemp(join(tmpdir(), "baleen-paced-"));
  try {
    const mostRecorded = Math.ceil(rateTps * seconds * spareRatio) + 1000;
    const place = { cores: bench.sinkCores, cache: bench.cache };
    await using sink = await Sink.start({ spins: true, ...options.sink, ...place, mostRecorded });
    const { argv, env } = await contender.command({ port: sink.port, rateTps, seconds, folder });
    const pinned = { cores: bench.generatorCores, cwd: folder, env: { ...process.env, ...env } };
    await using generator = new PinnedProcess(argv, pinned);
    const [ended] = await Promise.all([generator.ended, meanwhile?.(sink)]);
    if (ended.exitCode !== 0) {
      const said = `${ended.stdout.slice(-500)}\n${ended.stderr.slice(-1500)}`.trim();
      throw new Error(`${contender.label} ended with exit code ${ended.exitCode}: ${said}`);
    }
    await sink.finish();
    const summary = await readFile(join(folder, "summary.json"), "utf8").catch(() => "");
    return { record: await sink.record(), said: ended.stdout, summary };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A loop that does nothing but wait and send: what this machine can do at best. */
export async function spinFloor(cache: string): Promise<PacedContender> {
  const program = await compile("spin", cache);
  return {
    label: "C spin loop (floor)",
    command: async ({ port, rateTps, seconds }) => ({
      argv: [program, "--rate", `${rateTps}`, "--seconds", `${seconds}`, "--port", `${port}`],
    }),
  };
}

/** A loop that does nothing but send and read: what reported latencies can be on this machine at best. */
export const readingFloor = (cache: string, connections: number): Promise<PacedContender> =>
  overConnections("spin-and-read", "C spin loop that reads (floor)", { cache, connections });

/** wrk2's way to keep a rate, and to count latency. */
export const wrk2Method = (cache: string, connections: number): Promise<PacedContender> =>
  overConnections("paced-connections", "wrk2's method (own C)", { cache, connections });

/** One of the suite's own programs that report latencies as wrk2 does. */
async function overConnections(
  name: "spin-and-read" | "paced-connections",
  label: string,
  { cache, connections }: { readonly cache: string; readonly connections: number },
): Promise<PacedContender> {
  const program = await compile(name, cache);
  return {
    label,
    command: async ({ port, rateTps, seconds }) => {
      const load = ["--rate", `${rateTps}`, "--seconds", `${seconds}`, "--connections", `${connections}`];
      return { argv: [program, ...load, "--port", `${port}`] };
    },
  };
}

/** What came in a record from `skipSecs` after the first arrival, at most `mostSecs` of it. */
export function windowOf(
  record: SinkRecord,
  skipSecs: number,
  mostSecs = Number.POSITIVE_INFINITY,
): SinkRecord {
  const startMs = (record.arrivedMs[0] ?? 0) + skipSecs * 1000;
  const begin = firstAtOrAfter(record.arrivedMs, startMs);
  const end = firstAtOrAfter(record.arrivedMs, startMs + mostSecs * 1000);
  return {
    arrivedMs: record.arrivedMs.subarray(begin, end),
    sequences: record.sequences.subarray(begin, end),
    repliedMs: record.repliedMs.subarray(begin, end),
  };
}

function firstAtOrAfter(ascending: Float64Array, value: number): number {
  const index = ascending.findIndex((each) => each >= value);
  return index === -1 ? ascending.length : index;
}
