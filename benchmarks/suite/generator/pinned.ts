/** Processes of their own on cores of their own, and the CPU time that they use. Linux. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

export interface PinnedOptions {
  /** As taskset takes them: "0", "0,2-3". */
  readonly cores: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

export interface Ended {
  /** undefined where a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of what a program writes so much is kept, from the end. */
const keptCharacters = 1_000_000;
const graceMs = 5_000;
/** Clock ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const tickMs = 10;

/** Those that run. Who ends this process by a signal ends them too. */
const running = new Set<PinnedProcess>();
let isWatchingSignals = false;

function watchSignals(): void {
  if (isWatchingSignals) return;
  isWatchingSignals = true;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      for (const each of running) each.kill("SIGKILL");
      process.kill(process.pid, signal);
    });
  }
}

/** A program that runs on the given cores only, with all its threads. Disposing ends it. */
export class PinnedProcess implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";
  #isOver = false;

  constructor(argv: readonly string[], { cores, env, cwd }: PinnedOptions) {
    const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
    watchSignals();
    running.add(this);
    this.#child = spawn("taskset", ["-c", cores, ...argv], { stdio, cwd, env: env ?? process.env });
    this.#child.stdout.on("data", (text) => {
      this.#stdout = (this.#stdout + String(text)).slice(-keptCharacters);
    });
    this.#child.stderr.on("data", (text) => {
      this.#stderr = (this.#stderr + String(text)).slice(-keptCharacters);
    });
    this.ended = this.#wait(argv);
    // Who asks for the end hears of its failure; nobody else has to.
    this.ended.catch(() => {});
  }

  get stdout(): string {
    return this.#stdout;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** CPU time of all its threads so far, in steps of 10 ms; rejects once it has ended. */
  async cpuMs(): Promise<number> {
    const stat = await readFile(`/proc/${this.#child.pid}/stat`, "utf8");
    // The name in parentheses may hold spaces; utime and stime are fields 14 and 15 of the whole line.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  }

  /** Resident memory, bytes. */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) this.kill("SIGTERM");
    const isOver = this.ended.then(
      () => true,
      () => true,
    );
    const late = new AbortController();
    const waited = delay(graceMs, false, { signal: late.signal }).catch(() => false);
    if (!(await Promise.race([isOver, waited]))) this.kill("SIGKILL");
    await isOver;
    late.abort();
  }

  async #wait(argv: readonly string[]): Promise<Ended> {
    try {
      await once(this.#child, "close");
    } catch (error) {
      const name = argv[0] ?? "";
      throw new Error(
        `${name} cannot be started on cores of its own; the suite needs taskset (util-linux).`,
        {
          cause: error,
        },
      );
    } finally {
      running.delete(this);
      this.#isOver = true;
    }
    return { exitCode: this.#child.exitCode ?? undefined, stdout: this.#stdout, stderr: this.#stderr };
  }
}

/** Waits until it holds; rejects where it does not in time. */
export async function until(
  holds: () => Promise<boolean> | boolean,
  { timeoutMs, what }: { readonly timeoutMs: number; readonly what: string },
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`${what}: not within ${timeoutMs / 1000} s.`);
    await delay(20);
  }
}
