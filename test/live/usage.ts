import { delay } from "../../src/core/async.ts";
import { readProcess } from "../../src/core/process/processes.ts";
import { measureLog } from "./log-files.ts";
import type { LiveNode } from "./node.ts";

/** What a node held at one moment. */
export interface Usage {
  readonly memoryBytes: number;
  readonly logBytes: number;
}

/** Notes what nodes use, at a steady pace, until it is stopped. */
export class UsageWatch {
  readonly #samples = new Map<LiveNode, Usage[]>();
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(nodes: readonly LiveNode[], everyMs: number) {
    this.#running = Promise.all(nodes.map((node) => this.#watch(node, everyMs)));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Mean of each third of a node's samples. */
  thirds(node: LiveNode, what: keyof Usage): [number, number, number] {
    const values = (this.#samples.get(node) ?? []).map((usage) => usage[what]);
    const mean = (part: number) => {
      const third = values.slice(
        Math.floor((part * values.length) / 3),
        Math.floor(((part + 1) * values.length) / 3),
      );
      return third.reduce((sum, value) => sum + value, 0) / third.length;
    };
    return [mean(0), mean(1), mean(2)];
  }

  async #watch(node: LiveNode, everyMs: number): Promise<void> {
    const samples: Usage[] = [];
    this.#samples.set(node, samples);
    while (!this.#stopping.signal.aborted) {
      const facts = node.pid === undefined ? undefined : await readProcess(node.pid);
      if (facts !== undefined) {
        samples.push({ memoryBytes: facts.memoryBytes, logBytes: await measureLog(node.home) });
      }
      await delay(everyMs, this.#stopping.signal).catch(() => undefined);
    }
  }
}
