import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../src/core/async.ts";
import type { ValidatorConfigFile } from "../../src/validator/wire/node-files.ts";
import { type HomeFiles, planHomes, writeHome } from "../validator/homes.ts";
import { type Links, openLinks } from "./links.ts";
import { LiveNode } from "./node.ts";
import { ask, heightOf, peersOf, type StatusReply } from "./rpc.ts";

/** Replaces parts of what every validator is told. */
export type Tuning = {
  readonly [Part in "consensus" | "mempool" | "log"]?: Partial<ValidatorConfigFile[Part]>;
};

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

  /** What ended unexpectedly. */
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
