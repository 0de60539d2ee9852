import { join } from "node:path";
import { decodeBlock } from "../../src/validator/engine/consensus/block.ts";
import type { Outcome } from "../../src/validator/engine/consensus/consensus.ts";
import { type Commit, transactionKey } from "../../src/validator/engine/consensus/ledger.ts";
import type { BlockRules } from "../../src/validator/engine/consensus/validity.ts";
import { Mempool } from "../../src/validator/engine/mempool.ts";
import type { LogRetention } from "../../src/validator/log/journal.ts";
import type { Recovered } from "../../src/validator/log/recovery.ts";
import type { WriteAheadLog } from "../../src/validator/log/write-ahead-log.ts";
import { Engine, type EngineParts, type Proposal } from "../../src/validator/node/engine.ts";
import { readHome } from "../../src/validator/node/home.ts";
import { buildMembership } from "../../src/validator/node/membership.ts";
import { openFolder } from "./folder.ts";
import { planHomes, writeHome } from "./homes.ts";
import { openLog } from "./log/open-log.ts";

export interface TestEngine extends Disposable {
  readonly authority: number;
  readonly rules: BlockRules;
  readonly engine: Engine;
  readonly log: WriteAheadLog;
  readonly mempool: Mempool;
  readonly recovered: Recovered;
  readonly proposals: readonly Proposal[];
  readonly outcomes: readonly Outcome[];
  readonly commits: () => Commit[];
}

export interface EnginesOptions
  extends Partial<Pick<EngineParts, "checkpointIntervalHeights" | "blockSizeBytes">> {
  readonly retention?: LogRetention;
  readonly gcDepth: number;
}

/** A committee of engines with real keys and logs that are driven by hand: no connections, no timers. */
export async function openEngines(size: number, asked: EnginesOptions) {
  const { gcDepth, retention = { retainHeights: 1_000_000, retainBytes: 1e9 }, ...options } = asked;
  const folder = await openFolder();
  const homes = await planHomes(folder.path, size);
  await Promise.all(homes.map(writeHome));
  const memberships = await Promise.all(
    homes.map(async (home) => buildMembership(await readHome(home.folder))),
  );
  const engines = new Map<number, TestEngine>();
  /** Blocks of these come to nobody else. */
  const unheard = new Set<number>();
  const delivered = new Map<string, number>();
  let nowMs = 1_000;

  /** Opens an authority's log, or what another path holds of it, and recovers. */
  const open = (authority: number, path = join(folder.path, `log${authority}`)): TestEngine => {
    const membership = memberships[authority];
    if (membership === undefined) throw new Error(`no authority ${authority}`);
    const rules = { ...membership.rules, gcDepth };
    const log = openLog(path);
    const mempool = new Mempool({ mostTransactions: 100, mostBytes: 1e6, largestTransactionBytes: 1_000 });
    const outcomes: Outcome[] = [];
    const proposals: Proposal[] = [];
    const engine = new Engine({
      pace: { minRoundDelayMs: 0, leaderTimeoutMs: 1 },
      checkpointIntervalHeights: 1_000,
      blockSizeBytes: 1_000,
      ...options,
      ...membership,
      rules,
      log,
      retention,
      mempool,
      ownRounds: { reserve: () => true, signed: () => undefined },
      clock: { monotonicMs: () => nowMs, wallMs: () => 1_800_000_000_000 + nowMs },
      proposed: (proposal) => proposals.push(proposal),
      decided: (outcome) => outcomes.push(outcome),
    });
    const recovered = engine.recover();
    const commits = () => outcomes.flatMap(({ commit }) => commit ?? []);
    return {
      ...{ authority, rules, engine, log, mempool, recovered, proposals, outcomes, commits },
      [Symbol.dispose]: () => log[Symbol.dispose](),
    };
  };

  const start = (authority: number): TestEngine => {
    const opened = open(authority);
    engines.set(authority, opened);
    return opened;
  };

  /** Hands a block over, and what it needs that the giver has. */
  const give = (encoded: Buffer, to: TestEngine, from: TestEngine): void => {
    const rules = memberships[to.authority]?.rules;
    const block = rules && decodeBlock(encoded, rules);
    if (block === undefined) throw new Error("not a block");
    const insertion = to.engine.take(block);
    if (insertion.outcome !== "suspended") return;
    for (const ref of insertion.missing) {
      const cause = from.engine.store.find(ref);
      if (cause !== undefined) give(cause, to, from);
    }
  };

  const deliver = (from: TestEngine, to: TestEngine): void => {
    const way = `${from.authority} to ${to.authority}`;
    const span = { from: (delivered.get(way) ?? 0) + 1, to: Number.MAX_SAFE_INTEGER, most: 1_000 };
    for (const { round, encoded } of from.engine.store.range(from.authority, span)) {
      give(encoded, to, from);
      delivered.set(way, round);
    }
  };

  /** Every engine proposes if it can, and its new blocks come to the others. */
  const step = (): void => {
    nowMs += 10;
    for (const from of engines.values()) {
      from.engine.step((authority) => engines.has(authority) && !unheard.has(authority), true);
      if (unheard.has(from.authority)) continue;
      for (const to of engines.values()) if (to !== from) deliver(from, to);
    }
  };

  return {
    folder: folder.path,
    engines,
    unheard,
    open,
    start,
    startAll: () => homes.map((_, authority) => start(authority)),
    stop: (authority: number) => {
      engines.get(authority)?.[Symbol.dispose]();
      engines.delete(authority);
    },
    step,
    steps: (count: number) => {
      for (let i = 0; i < count; i++) step();
    },
    [Symbol.asyncDispose]: async () => {
      for (const engine of engines.values()) engine[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Takes a transaction as the RPC does. */
export function submit({ mempool }: TestEngine, text: string): void {
  const transaction = Buffer.from(text);
  const refusal = mempool.add(transaction, transactionKey(transaction));
  if (refusal !== undefined) throw new Error(refusal.message);
}
