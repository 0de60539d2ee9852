import { delay } from "../../src/core/async.ts";
import { formatTransaction, type LoadLedger } from "./ledger.ts";
import type { LiveNode } from "./node.ts";
import { askAll, mostCalls } from "./rpc.ts";

/** How often what has become due is sent. */
const tickMs = 20;
/** Requests under way at a node, as at a paused one, beyond which it is passed over. */
const mostUnanswered = 20;

/** A steady load on a committee. Notes in its ledger who acknowledged what. */
export class Load {
  readonly #nodes: readonly LiveNode[];
  readonly #rateTps: number;
  readonly #transactionBytes: number;
  readonly #ledger: LoadLedger;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #unanswered = new Map<LiveNode, number>();
  readonly #running: Promise<void>;
  #next = 0;

  constructor(
    nodes: readonly LiveNode[],
    parts: { readonly rateTps: number; readonly transactionBytes: number; readonly ledger: LoadLedger },
  ) {
    this.#nodes = nodes;
    this.#rateTps = parts.rateTps;
    this.#transactionBytes = parts.transactionBytes;
    this.#ledger = parts.ledger;
    this.#running = this.#run();
  }

  /** Transactions that have been due so far. */
  get offered(): number {
    return this.#next;
  }

  /** Sends nothing more, and waits for the replies to what was sent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all(this.#underWay);
  }

  async #run(): Promise<void> {
    const startedMs = performance.now();
    while (!this.#stopping.signal.aborted) {
      const due = Math.floor(((performance.now() - startedMs) * this.#rateTps) / 1000);
      const shares = new Map<LiveNode, number[]>();
      for (; this.#next < due; this.#next++) {
        const node = this.#nodes[this.#next % this.#nodes.length];
        if (node !== undefined) shares.set(node, [...(shares.get(node) ?? []), this.#next]);
      }
      for (const [node, sequences] of shares) {
        for (let at = 0; at < sequences.length; at += mostCalls) {
          this.#send(node, sequences.slice(at, at + mostCalls));
        }
      }
      await delay(tickMs);
    }
  }

  #send(node: LiveNode, sequences: readonly number[]): void {
    const unanswered = this.#unanswered.get(node) ?? 0;
    if (!node.isRunning || unanswered >= mostUnanswered) return;
    this.#unanswered.set(node, unanswered + 1);
    const sent = this.#submit(node, sequences).finally(() => {
      this.#unanswered.set(node, (this.#unanswered.get(node) ?? 1) - 1);
      this.#underWay.delete(sent);
    });
    this.#underWay.add(sent);
  }

  async #submit(node: LiveNode, sequences: readonly number[]): Promise<void> {
    const calls = sequences.map((sequence) => {
      const tx = formatTransaction(sequence, this.#transactionBytes).toString("base64");
      return { method: "broadcast_tx_sync", params: { tx } };
    });
    // A node that is down, or dies before its reply, acknowledges nothing.
    const answers = await askAll(node.home, calls, 10_000).catch(() => []);
    answers.forEach((answer, i) => {
      const sequence = sequences[i];
      if (sequence !== undefined && answer.error === undefined) {
        this.#ledger.acknowledge(sequence, node.authority);
      }
    });
  }
}
