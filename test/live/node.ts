import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../src/core/async.ts";
import { describeError } from "../../src/core/errors.ts";
import type { HomeFiles } from "../validator/homes.ts";
import { main } from "../validator/processes.ts";
import { ask } from "./rpc.ts";

/** One validator, over all its lives. */
export class LiveNode {
  readonly home: HomeFiles;
  readonly outputFile: string;
  #child: ChildProcess | undefined;
  #lives = 0;
  #isPaused = false;
  #isKilled = false;
  #death: string | undefined;

  constructor(home: HomeFiles) {
    this.home = home;
    this.outputFile = join(home.folder, "output.log");
  }

  get authority(): number {
    return this.home.key.authority;
  }

  /** Whether there is a process, paused or not. */
  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Starts so far. */
  get lives(): number {
    return this.#lives;
  }

  /** Whether it was ever killed. */
  get isKilled(): boolean {
    return this.#isKilled;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How it ended unexpectedly, where it did. */
  get death(): string | undefined {
    return this.#death;
  }

  /** Starts the process, and waits until it answers. */
  async start(): Promise<void> {
    await until(async () => ((await this.#attempt()) ? true : undefined), {
      timeoutMs: 60_000,
      everyMs: 200,
      describe: () => `node${this.authority} cannot be started: ${this.#lastWords()}`,
    });
  }

  /** Returns false where another program of this machine holds one of its ports just now. */
  async #attempt(): Promise<boolean> {
    const child = this.#spawn();
    let reason = "";
    const answersOrEnded = async () => {
      if (this.#child !== child) return "ended";
      const answer = await ask(this.home, "status").catch((error: unknown) => {
        reason = describeError(error);
        return undefined;
      });
      return answer === undefined ? undefined : "answers";
    };
    const outcome = await until(answersOrEnded, {
      timeoutMs: 60_000,
      everyMs: 20,
      describe: () => `node${this.authority} does not answer (${reason}): ${this.#lastWords()}`,
    });
    if (outcome === "answers") return true;
    if (!this.#lastWords().includes("EADDRINUSE")) throw new Error(this.#death ?? "it was killed");
    this.#death = undefined;
    return false;
  }

  #spawn(): ChildProcess {
    const output = openSync(this.outputFile, "a");
    const args = [main, "--home", this.home.folder, "--exit-with-parent"];
    const child = spawn(process.execPath, args, { stdio: ["pipe", output, output] });
    closeSync(output);
    this.#child = child;
    this.#lives++;
    child.once("exit", (code, signal) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#death = `node${this.authority} ended by itself (${code ?? signal}): ${this.#lastWords()}`;
    });
    return child;
  }

  /** SIGKILL; resolves once it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    this.#isPaused = false;
    this.#isKilled = true;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  pause(): void {
    this.#isPaused = this.#child?.kill("SIGSTOP") ?? false;
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
    this.#isPaused = false;
  }

  #lastWords(): string {
    return readFileSync(this.outputFile, "utf8").trimEnd().split("\n").slice(-3).join(" | ");
  }
}
