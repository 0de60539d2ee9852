/** Counts committed transactions at one node by its block headers, which costs the node next to nothing. */
import type { Endpoint } from "../../src/contracts/nodes/node.ts";
import { formatAuthority } from "../../src/core/address.ts";
import { delay } from "../../src/core/async.ts";
import { type HttpPool, openHttpPool } from "../../src/core/http.ts";

/** A block, when it was first seen, and how many transactions had been committed with it since the counter began. */
export interface SeenBlock {
  readonly height: number;
  readonly atMs: number;
  readonly committed: number;
}

interface BlockMeta {
  readonly header: { readonly height: string };
  readonly num_txs: string;
}

interface Headers {
  readonly last_height: string;
  readonly block_metas: readonly BlockMeta[];
}

const pollEveryMs = 25;
/** Nodes give no more in one reply. */
const blocksPerReply = 20;
const requestTimeoutMs = 20_000;

/** Watches the heights of one node. */
export class BlockCounter implements AsyncDisposable {
  /** Every block seen, in order; the first is the one that was the latest at the beginning, with nothing committed. */
  readonly seen: SeenBlock[];
  /** Rejects where the node does not answer; resolves at the end. */
  readonly ended: Promise<void>;
  readonly #pool: HttpPool;
  readonly #progress: () => void;
  readonly #stop = new AbortController();

  private constructor(pool: HttpPool, first: SeenBlock, progress: () => void) {
    this.#pool = pool;
    this.#progress = progress;
    this.seen = [first];
    this.ended = this.#watch();
    this.ended.catch(() => {});
  }

  /** @param progress called whenever more was committed */
  static async open(node: Endpoint, progress: () => void): Promise<BlockCounter> {
    const pool = openHttpPool(`http://${formatAuthority(node)}`, { connections: 1, connectTimeoutMs: 5_000 });
    try {
      const height = Number((await readHeaders(pool, ""))?.last_height ?? 0);
      const first = { height, atMs: performance.now(), committed: 0 };
      return new BlockCounter(pool, first, progress);
    } catch (error) {
      await pool[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The latest block. */
  get latest(): SeenBlock {
    return this.seen.at(-1) as SeenBlock;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.ended.catch(() => {});
    await this.#pool[Symbol.asyncDispose]();
  }

  async #watch(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const isAll = await this.#readNext();
      if (isAll) await delay(pollEveryMs, this.#stop.signal).catch(() => {});
    }
  }

  /** @returns whether there is no more for now */
  async #readNext(): Promise<boolean> {
    const next = this.latest.height + 1;
    const headers = await readHeaders(
      this.#pool,
      `?minHeight=${next}&maxHeight=${next + blocksPerReply - 1}`,
    );
    if (headers === undefined) return true;
    const atMs = performance.now();
    for (const { header, num_txs } of headers.block_metas.toReversed()) {
      const { height, committed } = this.latest;
      if (Number(header.height) !== height + 1) {
        throw new Error(`The node shows height ${header.height} after ${height}.`);
      }
      this.seen.push({ height: height + 1, atMs, committed: committed + Number(num_txs) });
    }
    this.#progress();
    return headers.block_metas.length < blocksPerReply;
  }
}

/** undefined where the heights asked for are not reached yet. */
async function readHeaders(pool: HttpPool, query: string): Promise<Headers | undefined> {
  const path = `/blockchain${query}`;
  const reply = await pool.send({ method: "GET", path, timeoutMs: requestTimeoutMs });
  const { result } = JSON.parse(reply.body) as { result?: Headers };
  if (result === undefined && reply.body.includes("can't be greater than max height")) return undefined;
  if (result === undefined) throw new Error(`${path} was answered: ${reply.body.slice(0, 300)}`);
  return result;
}
