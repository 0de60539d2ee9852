import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../src/core/async.ts";
import { describeError } from "../../src/core/errors.ts";
import type { ValidatorConfigFile } from "../../src/wire/node-files.ts";
import { type HomeFiles, planHomes, writeHome } from "../validator/homes.ts";
import { main } from "../validator/processes.ts";
import { type Links, openLinks } from "./links.ts";
import { ask, heightOf, peersOf, type StatusReply } from "./rpc.ts";

/** Replaces parts of what every validator is told. */
export type Tuning = {
  readonly [Part in "consensus" | "mempool" | "log"]?: Partial<ValidatorConfigFile[Part]>;
};

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

  /** How it ended without being asked to, where it did. */
  get death(): string | undefined {
    return this.#death;
  }

  /** Starts the process, and waits until it answers. */
  async start(): Promise<void> {
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
    let reason = "";
    await until(
      async () => {
        if (this.#child !== child) throw new Error(this.#death ?? `node${this.authority} was killed`);
        return ask(this.home, "status").catch((error: unknown) => {
          reason = describeError(error);
          return undefined;
        });
      },
      {
        timeoutMs: 60_000,
        everyMs: 20,
        describe: () => `node${this.authority} does not answer (${reason}): ${this.#lastWords()}`,
      },
    );
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

/** A committee of validator processes over loopback, with a proxy on each link. */
export class LiveCommittee implements AsyncDisposable {
  readonly nodes: readonly LiveNode[];
  readonly links: Links;
  readonly faults: number;
  readonly #folder: string;
  #isKept = false;

  private constructor(folder: string, links: Links) {
    this.#folder = folder;
    this.links = links;
    this.nodes = links.homes.map((home) => new LiveNode(home));
    this.faults = Math.floor((this.nodes.length - 1) / 3);
  }

  /** Lays the files; starts nothing yet. */
  static async open(size: number, tuning: Tuning = {}): Promise<LiveCommittee> {
    const folder = await mkdtemp(join(tmpdir(), "baleen-live-"));
    const planned = await planHomes(folder, size);
    const links = await openLinks(planned.map((home) => tuned(home, tuning)));
    await Promise.all(links.homes.map(writeHome));
    return new LiveCommittee(folder, links);
  }

  /** Leaves the homes, with logs and output, where they are. Returns the folder. */
  keep(): string {
    this.#isKept = true;
    return this.#folder;
  }

  /** The nodes of these authorities. */
  pick(...authorities: readonly number[]): LiveNode[] {
    return this.nodes.filter((node) => authorities.includes(node.authority));
  }

  async start(nodes: readonly LiveNode[] = this.nodes): Promise<void> {
    await Promise.all(nodes.map((node) => node.start()));
  }

  /** Resolves once these nodes are all at a height or above it. */
  async reach(height: number, nodes: readonly LiveNode[] = this.nodes, timeoutMs = 60_000): Promise<void> {
    let seen: number[] = [];
    await until(
      async () => {
        seen = await Promise.all(nodes.map(({ home }) => heightOf(home).catch(() => -1)));
        return seen.every((each) => each >= height) ? true : undefined;
      },
      { timeoutMs, everyMs: 50, describe: () => `not all at height ${height}: ${seen}. ${this.#hint()}` },
    );
  }

  /** Highest height of these nodes. */
  async height(nodes: readonly LiveNode[] = this.nodes): Promise<number> {
    const heights = await Promise.all(nodes.map(({ home }) => heightOf(home).catch(() => 0)));
    return Math.max(0, ...heights);
  }

  /** Lets them commit so many more heights than any of them has now. */
  async grow(heights: number, nodes: readonly LiveNode[] = this.nodes, timeoutMs = 60_000): Promise<void> {
    await this.reach((await this.height(nodes)) + heights, nodes, timeoutMs);
  }

  /** Resolves once each of these nodes has a connection to each other one, and has caught up with them. */
  async settle(nodes: readonly LiveNode[] = this.nodes, timeoutMs = 60_000): Promise<void> {
    let seen: string[] = [];
    await until(
      async () => {
        const states = await Promise.all(nodes.map(stateOf));
        seen = states.map(({ peers, isCatchingUp }) => `${peers}${isCatchingUp ? " catching up" : ""}`);
        const isSettled = states.every((state) => state.peers >= nodes.length - 1 && !state.isCatchingUp);
        return isSettled ? true : undefined;
      },
      { timeoutMs, everyMs: 50, describe: () => `peers, by node: ${seen.join(", ")}. ${this.#hint()}` },
    );
  }

  /** What ended without being asked to. */
  deaths(): string[] {
    return this.nodes.flatMap(({ death }) => death ?? []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    this.links[Symbol.dispose]();
    if (!this.#isKept) await rm(this.#folder, { recursive: true, force: true });
  }

  #hint(): string {
    const deaths = this.deaths();
    return deaths.length > 0 ? deaths.join("; ") : `The nodes' output: ${this.#folder}/node*/output.log`;
  }
}

async function stateOf({ home }: LiveNode): Promise<{ peers: number; isCatchingUp: boolean }> {
  const [peers, status] = await Promise.all([
    peersOf(home).catch(() => -1),
    ask<StatusReply>(home, "status").catch(() => undefined),
  ]);
  return { peers, isCatchingUp: status?.sync_info.catching_up ?? true };
}

function tuned(home: HomeFiles, tuning: Tuning): HomeFiles {
  const { consensus, mempool, log } = home.config;
  return {
    ...home,
    config: {
      ...home.config,
      consensus: { ...consensus, ...tuning.consensus },
      mempool: { ...mempool, ...tuning.mempool },
      log: { ...log, ...tuning.log },
    },
  };
}
