import { createHash } from "node:crypto";
import { delay, until } from "../../src/core/async.ts";
import { describeError } from "../../src/core/errors.ts";
import { type LoadLedger, parseTransaction } from "./ledger.ts";
import type { LiveNode } from "./node.ts";
import { askAll, type BlockReply, mostCalls, type StatusReply } from "./rpc.ts";

/** What the checker must know of a node; `lives` are its starts. */
export type WatchedNode = Pick<LiveNode, "home" | "authority" | "lives" | "isRunning" | "isPaused">;

/** Between two looks at a node. */
const everyMs = 100;
/** Heights asked for in one look, beside the node's status. */
const heightsAtOnce = mostCalls - 1;
/** Faults told: the first ones say what happened. */
const mostFaults = 20;

/**
 * Reads every height of every node while the committee runs, and compares: one block per height whoever tells it, each
 * linked to the one before, no leader and no transaction twice. A restarted node is read again from its beginning, so
 * that its old sequence must be a prefix.
 */
export class ChainChecker {
  readonly faults: string[] = [];
  readonly #ledger: LoadLedger;
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;
  /** Height → digest of all that was told of its block, and the block's name. */
  readonly #blocks = new Map<number, { readonly print: string; readonly name: string }>();
  /** Digest of a leader block → its height. */
  readonly #leaders = new Map<string, number>();
  /** Transactions of others than the load → height/index. */
  readonly #others = new Map<string, string>();
  /** Node → the next height to be read of it. */
  readonly #next = new Map<WatchedNode, number>();
  #comparisons = 0;
  #trouble = "none";

  constructor(nodes: readonly WatchedNode[], ledger: LoadLedger) {
    this.#ledger = ledger;
    this.#running = Promise.all(nodes.map((node) => this.#watch(node)));
  }

  /** Blocks told by one node that were compared with what another (or the same, in a former life) had told. */
  get comparisons(): number {
    return this.#comparisons;
  }

  /** Resolves once every height of each of these nodes up to one was read. */
  async caughtUp(height: number, nodes: readonly WatchedNode[], timeoutMs = 60_000): Promise<void> {
    const next = () => nodes.map((node) => this.#next.get(node) ?? 0);
    await until(() => (next().every((each) => each > height) ? true : undefined), {
      timeoutMs,
      everyMs: 20,
      describe: () =>
        `read before ${next()}, by node, not yet up to ${height}; latest trouble: ${this.#trouble}`,
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #watch(node: WatchedNode): Promise<void> {
    let life = 0;
    while (!this.#stopping.signal.aborted) {
      if (node.lives !== life) {
        life = node.lives;
        this.#next.set(node, 1);
      }
      const isBehind = node.isRunning && !node.isPaused && (await this.#look(node, life));
      if (!isBehind) await delay(everyMs);
    }
  }

  /** Reads a node's next heights. Returns whether it has more. */
  async #look(node: WatchedNode, life: number): Promise<boolean> {
    const from = this.#next.get(node) ?? 1;
    const calls = Array.from({ length: heightsAtOnce }, (_, i) => ({
      method: "block",
      params: { height: String(from + i) },
    }));
    // A node that is killed or paused meanwhile does not answer.
    const answers = await askAll(node.home, [{ method: "status" }, ...calls], 3_000).catch((error) => {
      this.#trouble = describeError(error);
      return [];
    });
    const [status, ...blocks] = answers;
    if (status?.error !== undefined) this.#trouble = JSON.stringify(status.error);
    if (status === undefined || status.error !== undefined || node.lives !== life) return false;
    let next = from;
    for (const block of blocks) {
      if (block.error !== undefined) break;
      this.#take(node, next, block.result as BlockReply);
      next++;
    }
    const { sync_info } = status.result as StatusReply;
    // What it has let go, or never had because it started from a state, cannot be read.
    const earliest = Number(sync_info.earliest_block_height);
    this.#next.set(node, Math.max(next, Number(sync_info.latest_block_height) === 0 ? 1 : earliest));
    return next > from && Number(sync_info.latest_block_height) > next;
  }

  #take(node: WatchedNode, height: number, { block_id, block }: BlockReply): void {
    const texts = block.data.txs ?? [];
    const print = createHash("sha256")
      .update(JSON.stringify([block_id, block]))
      .digest("base64");
    const known = this.#blocks.get(height);
    const where = `node${node.authority}, life ${node.lives}, height ${height}`;
    if (known !== undefined) {
      this.#comparisons++;
      if (known.print !== print) this.#fault(`${where}: another block than was told before`);
      return;
    }
    this.#blocks.set(height, { print, name: block_id.hash });
    const before = this.#blocks.get(height - 1);
    const { last_block_id, app_hash } = block.header;
    if (Number(block.header.height) !== height) this.#fault(`${where}: it tells of ${block.header.height}`);
    if (before !== undefined && !(last_block_id.hash === before.name && app_hash === before.name)) {
      this.#fault(`${where}: it does not follow from the block before it`);
    }
    this.#takeOnce(this.#leaders, block_id.parts.hash, { where, place: height });
    texts.forEach((text, index) => {
      const transaction = Buffer.from(text, "base64");
      const sequence = parseTransaction(transaction);
      if (sequence === undefined) this.#takeOnce(this.#others, text, { where, place: `${height}/${index}` });
      else if (!this.#ledger.commit(sequence)) this.#fault(`${where}: transaction ${sequence} came again`);
    });
  }

  #takeOnce<Place>(
    seen: Map<string, Place>,
    what: string,
    { where, place }: { readonly where: string; readonly place: Place },
  ): void {
    const before = seen.get(what);
    if (before !== undefined) this.#fault(`${where}: ${what} was committed at ${before} already`);
    seen.set(what, place);
  }

  #fault(fault: string): void {
    if (this.faults.length < mostFaults) this.faults.push(fault);
  }
}
