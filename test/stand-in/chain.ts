import { createHash } from "node:crypto";
import type { TransactionIdentity } from "../../src/contracts/load/submission.ts";
import { applies, type Behaviour, type StandInConfig, vanishes } from "./config.ts";
import { format } from "./format.ts";
import { openTokenBucket } from "./token-bucket.ts";

export interface StandInBlock {
  readonly height: number;
  /** 64 upper-case hex digits; the same on every stand-in at one height, unless it forks. */
  readonly hash: string;
  readonly timeMs: number;
  readonly transactions: readonly Uint8Array[];
}

/** Empty blocks at least this often, so that heights grow. */
const heartbeatMs = 100;
const duplicateAfterMs = 10;
const keptBlocks = 20_000;
/** Far above any sequence number that a test sends. */
const unknownOffset = 2 ** 40;

/** Commits what arrives as the script says; blocks come at their own pace, whatever the load. */
export class StandInChain {
  readonly #behaviour: Behaviour;
  readonly #blocks = new Map<number, StandInBlock>();
  readonly #listeners = new Set<(block: StandInBlock) => void>();
  /** In order of the times from which they may stand in a block. */
  readonly #waiting: { readonly fromMs: number; readonly transaction: Uint8Array }[] = [];
  readonly #tokenMs: (arrivalMs: number) => number;
  /** Up to here the blocks were there before its time; it shows them without their transactions. */
  readonly #recovered: number;
  #height: number;
  #stalledUntilMs = 0;
  #stalled = false;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor({ behaviour, recoveredHeight = 0 }: Pick<StandInConfig, "behaviour" | "recoveredHeight">) {
    this.#behaviour = behaviour;
    this.#recovered = recoveredHeight;
    this.#height = recoveredHeight;
    const { capacityTps, burst = 1 } = behaviour;
    this.#tokenMs = capacityTps === undefined ? (ms) => ms : openTokenBucket({ tps: capacityTps, burst });
    const paceMs = behaviour.commit.kind === "every" ? behaviour.commit.ms : heartbeatMs;
    const startMs = performance.now();
    const beat = (index: number) => {
      this.later(startMs + index * paceMs - performance.now(), () => {
        this.#commit();
        beat(Math.max(index + 1, Math.ceil((performance.now() - startMs) / paceMs)));
      });
    };
    beat(1);
  }

  get height(): number {
    return this.#height;
  }

  /** What it answers when it is asked for the block. */
  block(height: number): StandInBlock | undefined {
    if (height >= 1 && height <= this.#recovered) return this.#build(height, []);
    return this.#blocks.get(height);
  }

  onBlock(listener: (block: StandInBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes a transaction that arrived just now; the script says whether and when it commits. */
  receive(transaction: Uint8Array, identity: TransactionIdentity): void {
    const behaviour = this.#behaviour;
    const { sequence } = identity;
    this.#stallFrom(sequence);
    const hit = (rule: Parameters<typeof applies>[0]) => applies(rule, behaviour, sequence);
    if (hit("reject") || hit("neverCommit") || (hit("hangUp") && behaviour.hangUpCommits !== true)) return;
    if (vanishes(behaviour, sequence)) return;
    this.#enter(transaction);
    if (hit("duplicate")) this.later(duplicateAfterMs, () => this.#enter(transaction));
    if (hit("unknown")) {
      const unknown = { ...identity, sequence: sequence + unknownOffset };
      this.#enter(format.encode(unknown, transaction.length, 0));
    }
  }

  /** Calls back after so long, or when the stall that is on by then is over. */
  later(ms: number, callback: () => void): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        const leftMs = this.#stalledUntilMs - performance.now();
        if (leftMs > 0) this.later(leftMs, callback);
        else callback();
      },
      Math.max(0, ms),
    );
    this.#timers.add(timer);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#listeners.clear();
  }

  #stallFrom(sequence: number): void {
    const { stall } = this.#behaviour;
    if (stall === undefined || this.#stalled || sequence < stall.atSequence) return;
    this.#stalled = true;
    this.#stalledUntilMs = performance.now() + stall.forMs;
  }

  #enter(transaction: Uint8Array): void {
    const { commit } = this.#behaviour;
    const nowMs = performance.now();
    const tokenMs = this.#tokenMs(nowMs);
    if (commit.kind === "every") {
      this.#waiting.push({ fromMs: tokenMs, transaction });
      return;
    }
    this.later(tokenMs - nowMs + commit.ms, () => {
      this.#waiting.push({ fromMs: nowMs, transaction });
      this.#commit();
    });
  }

  #commit(): void {
    const nowMs = performance.now();
    const later = this.#waiting.findIndex(({ fromMs }) => fromMs > nowMs);
    const ready = this.#waiting.splice(0, later === -1 ? this.#waiting.length : later);
    const block = this.#build(
      ++this.#height,
      ready.map(({ transaction }) => transaction),
    );
    this.#blocks.set(block.height, block);
    this.#blocks.delete(block.height - keptBlocks);
    const shown = this.#behaviour.forkHidden === true ? { ...block, hash: hashOf(block.height) } : block;
    for (const listener of this.#listeners) listener(shown);
  }

  #build(height: number, transactions: readonly Uint8Array[]): StandInBlock {
    return { height, hash: this.#hash(height), timeMs: Date.now(), transactions };
  }

  #hash(height: number): string {
    const forked = height >= (this.#behaviour.forkAtHeight ?? Number.POSITIVE_INFINITY);
    return hashOf(height, forked ? "forked" : "");
  }
}

function hashOf(height: number, branch = ""): string {
  return createHash("sha256").update(`stand-in ${height} ${branch}`).digest("hex").toUpperCase();
}
