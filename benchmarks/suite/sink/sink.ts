/** The sink as the suite uses it: started on a core of its own, asked for its totals, ended for its record. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PinnedProcess, until } from "../generator/pinned.ts";
import { compile } from "./compile.ts";

export interface SinkOptions {
  /** "node": Node's own HTTP server, which can do nothing of what stands below. Default: "c". */
  readonly kind?: "c" | "node";
  readonly cores: string;
  readonly cache: string;
  /** Keeps when each transaction came and was answered: so many of them at most. */
  readonly mostRecorded?: number;
  /** Never sleeps, so that arrivals are stamped when they come. */
  readonly spins?: boolean;
  /** Every reply comes so late … */
  readonly delayMs?: number;
  /** … but this share of them so late. */
  readonly slow?: { readonly ratio: number; readonly delayMs: number };
  /** It stops for so long, so often, counted from the first arrival. */
  readonly stall?: { readonly everySecs: number; readonly forSecs: number };
}

export interface SinkTotals {
  /** Of CLOCK_MONOTONIC, when it counted. */
  readonly atMs: number;
  readonly transactions: number;
  /** Requests and WebSocket messages: fewer than the transactions where those come in batches. */
  readonly messages: number;
  readonly connections: number;
  /** Requests that it does not understand. */
  readonly refused: number;
  readonly recorded: number;
  readonly cpuMs: number;
}

/** Milliseconds of CLOCK_MONOTONIC, the clock of hrtime, in the order of arrival. */
export interface SinkRecord {
  readonly arrivedMs: Float64Array;
  /** -1 for what is no transaction of the tool's own form. */
  readonly sequences: Float64Array;
  readonly repliedMs: Float64Array;
}

const nodeSink = join(import.meta.dirname, "node-sink.ts");
const answerTimeoutMs = 5_000;
const fieldsPerRow = 3;

export class Sink implements AsyncDisposable {
  readonly process: PinnedProcess;
  readonly #folder: string;
  port = 0;

  private constructor(process: PinnedProcess, folder: string) {
    this.process = process;
    this.#folder = folder;
  }

  static async start(options: SinkOptions): Promise<Sink> {
    const program =
      options.kind === "node" ? [process.execPath, nodeSink] : [await compile("sink", options.cache)];
    const folder = await mkdtemp(join(tmpdir(), "baleen-sink-"));
    const sink = new Sink(
      new PinnedProcess([...program, ...argumentsOf(options, folder)], { cores: options.cores }),
      folder,
    );
    const line = () => /^listening (\d+)$/m.exec(sink.process.stdout);
    await until(() => line() !== null || sink.process.isOver, {
      timeoutMs: answerTimeoutMs,
      what: "The sink's port",
    });
    sink.port = Number(line()?.[1]);
    if (Number.isNaN(sink.port)) throw new Error(`The sink ended: ${(await sink.process.ended).stderr}`);
    return sink;
  }

  async totals(): Promise<SinkTotals> {
    const before = this.#lines().length;
    this.process.kill("SIGUSR2");
    await until(() => this.#lines().length > before || this.process.isOver, {
      timeoutMs: answerTimeoutMs,
      what: "The sink's totals",
    });
    return this.#last();
  }

  /** Ends it. */
  async finish(): Promise<SinkTotals> {
    this.process.kill("SIGTERM");
    await this.process.ended;
    return this.#last();
  }

  /** What it recorded; once it has ended. */
  async record(): Promise<SinkRecord> {
    const bytes = await readFile(join(this.#folder, "record"));
    const values = new Float64Array(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
    );
    const count = values.length / fieldsPerRow;
    const column = (place: number, factor: number) =>
      Float64Array.from({ length: count }, (_, row) => (values[row * fieldsPerRow + place] ?? 0) * factor);
    return { arrivedMs: column(0, 1000), sequences: column(1, 1), repliedMs: column(2, 1000) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #lines(): string[] {
    return this.process.stdout.split("\n").filter((line) => line.startsWith("{"));
  }

  #last(): SinkTotals {
    const line = this.#lines().at(-1);
    if (line === undefined) throw new Error("The sink ended without its totals.");
    return JSON.parse(line) as SinkTotals;
  }
}

function argumentsOf(options: SinkOptions, folder: string): string[] {
  const { mostRecorded, spins, delayMs, slow, stall } = options;
  return [
    ...(mostRecorded === undefined ? [] : ["--record", join(folder, "record"), "--most", `${mostRecorded}`]),
    ...(spins === true ? ["--spin"] : []),
    ...(delayMs === undefined ? [] : ["--delay-ms", `${delayMs}`]),
    ...(slow === undefined ? [] : ["--slow-ms", `${slow.delayMs}`, "--slow-ratio", `${slow.ratio}`]),
    ...(stall === undefined
      ? []
      : ["--stall-every-s", `${stall.everySecs}`, "--stall-for-s", `${stall.forSecs}`]),
  ];
}
