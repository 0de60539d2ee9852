import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Random, seededRandom } from "../../../../src/core/random.ts";
import {
  type Block,
  type BlockRef,
  buildBlock,
  chainDomain,
} from "../../../../src/validator/engine/consensus/block.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../../../src/validator/engine/consensus/checkpoint.ts";
import { buildCommittee } from "../../../../src/validator/engine/consensus/committee.ts";
import { Consensus, type Outcome } from "../../../../src/validator/engine/consensus/consensus.ts";
import { buildBlockRules } from "../../../../src/validator/engine/consensus/validity.ts";
import { below, drawClosedSubset, drawRandomDag, type RandomDag, shuffled } from "./random-dag.ts";

const committees = [4, 7, 10].flatMap((authors) =>
  [1, 2, 3].map((leadersPerRound) => ({ authors, leadersPerRound })),
);

/** So small that most runs go far beyond it. */
const gcDepth = 4;
const options = { checkpointIntervalHeights: 3 };

/** What all validators must agree on; how a slot was decided may differ with what was seen when. */
function describeOutcome({ decision, commit, checkpoint }: Outcome): string {
  const { round, rank } = decision.slot;
  const leader = commit === undefined ? "" : commit.leader.ref.digest.toString("hex").slice(0, 8);
  const rest =
    commit === undefined
      ? ""
      : `${commit.height} ${commit.timeMs} ${commit.appHash.toString("hex")} ${commit.transactions.map((each) => each.toString("hex"))}`;
  const state = checkpoint?.stateHash.toString("hex") ?? "";
  return `(${round},${rank}) ${decision.outcome} ${leader} ${rest} ${state}`;
}

function run({ rules }: RandomDag, blocks: readonly Block[], mostAtOnce: () => number): string[] {
  const consensus = new Consensus(rules, options);
  const outcomes: string[] = [];
  let next = mostAtOnce();
  for (const block of blocks) {
    consensus.dag.insert(block);
    if (--next > 0) continue;
    outcomes.push(...advanceFully(consensus).map(describeOutcome));
    next = mostAtOnce();
  }
  return [...outcomes, ...advanceFully(consensus).map(describeOutcome)];
}

function advanceFully(consensus: Consensus): Outcome[] {
  const all: Outcome[] = [];
  for (let some = consensus.advance(); some.length > 0; some = consensus.advance()) all.push(...some);
  return all;
}

function forRandomDags(shape: (typeof committees)[number], check: (dag: RandomDag, random: Random) => void) {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 3, max: 30 }), (seed, rounds) => {
      const random = seededRandom(String(seed));
      check(drawRandomDag({ ...shape, rounds, gcDepth }, random), random);
    }),
    { numRuns: 40 },
  );
}

describe("consensus over random DAGs with up to f equivocators", () => {
  test.each(committees)(
    "n = $authors, k = $leadersPerRound: the order of insertion never matters",
    (shape) => {
      let commits = 0;
      forRandomDags(shape, (dag, random) => {
        const expected = run(dag, dag.blocks, () => Number.MAX_SAFE_INTEGER);
        commits += expected.filter((line) => line.includes(" commit ")).length;
        for (let i = 0; i < 3; i++) {
          const order = shuffled(dag.blocks, random);
          expect(run(dag, order, () => 1 + below(random, 10))).toEqual(expected);
        }
      });
      expect(commits).toBeGreaterThan(100);
    },
  );

  test.each(committees)(
    "n = $authors, k = $leadersPerRound: outputs of partial views are prefixes of each other",
    (shape) => {
      let longest = 0;
      forRandomDags(shape, (dag, random) => {
        // What leads to blocks that never came, with and without those that did.
        const holed = () =>
          shuffled(
            dag.blocks.filter(() => random.nextRatio() > 0.02),
            random,
          );
        const closed = Array.from({ length: 5 }, () => drawClosedSubset(dag, random));
        const views = [dag.blocks, ...closed, holed(), holed(), holed()];
        const outputs = views.map((view) => run(dag, view, () => 1 + below(random, 10)));
        outputs.sort((a, b) => b.length - a.length);
        const [most = [], ...others] = outputs;
        longest = Math.max(longest, most.length);
        for (const output of others) expect(most.slice(0, output.length)).toEqual(output);
      });
      expect(longest).toBeGreaterThan(5);
    },
  );

  test.each(committees)(
    "n = $authors, k = $leadersPerRound: who starts from a checkpoint commits what the others do, and makes their checkpoints",
    (shape) => {
      let checkpoints = 0;
      forRandomDags(shape, (dag, random) => {
        const consensus = new Consensus(dag.rules, options);
        for (const block of dag.blocks) consensus.dag.insert(block);
        const outcomes = advanceFully(consensus);
        outcomes.forEach(({ checkpoint }, i) => {
          if (checkpoint === undefined) return;
          checkpoints++;
          const start = decodeCheckpoint(checkpoint.encoded);
          expect(start && encodeCheckpoint(start)).toEqual(checkpoint);
          const late = new Consensus(dag.rules, { ...options, start });
          expect(late.dag.clock).toBe(0);
          for (const block of shuffled(dag.blocks, random)) late.dag.insert(block);
          expect(advanceFully(late).map(describeOutcome)).toEqual(outcomes.slice(i + 1).map(describeOutcome));
        });
      });
      expect(checkpoints).toBeGreaterThan(40);
    },
  );

  test("a block is ordered once, or lost to all; a repeated transaction comes through once", () => {
    let lostBlocks = 0;
    forRandomDags({ authors: 4, leadersPerRound: 2 }, (dag) => {
      const consensus = new Consensus(dag.rules, options);
      for (const block of dag.blocks) consensus.dag.insert(block);
      const outcomes = advanceFully(consensus);
      const commits = outcomes.flatMap(({ commit }) => commit ?? []);
      const ordered = commits.flatMap(({ blocks }) => blocks.map(({ ref }) => ref.key));
      const lost = outcomes.flatMap(({ collected }) => collected?.lost.map(({ ref }) => ref.key) ?? []);
      expect(new Set([...ordered, ...lost]).size).toBe(ordered.length + lost.length);
      lostBlocks += lost.length;
      const transactions = commits.flatMap((commit) =>
        commit.transactions.map((each) => each.toString("hex")),
      );
      expect(new Set(transactions).size).toBe(transactions.length);
      expect(commits.map(({ height }) => height)).toEqual(commits.map((_, i) => i + 1));
      commits.slice(1).forEach((commit, i) => {
        expect(commit.previousAppHash).toEqual(commits[i]?.appHash);
        expect(commit.previousHash).toEqual(commits[i]?.leader.ref.digest);
        expect(commit.timeMs).toBeGreaterThan(commits[i]?.timeMs ?? 0);
      });
    });
    expect(lostBlocks).toBeGreaterThan(10);
  });

  test("a block's time is the lower median of what the leader's parents claim, whatever the leader claims", () => {
    const rules = buildBlockRules(buildCommittee(4, 1), chainDomain("times"), { genesisTimeMs: 500_000 });
    const consensus = new Consensus(rules, options);
    let parents: readonly BlockRef[] = rules.genesis;
    // Authority 3 lies: about the far future, then about the distant past.
    const claims = [
      [1_000_300, 1_000_100, 1_000_200, 9_000_000_000_000],
      [1_000_550, 1_000_500, 1_000_600, 0],
      [1_000_900, 1_000_900, 1_000_900, 9_000_000_000_000],
      [1_001_200, 1_001_200, 1_001_200, 9_000_000_000_000],
      [1_001_300, 1_001_300, 1_001_300, 0],
    ];
    claims.forEach((times, i) => {
      parents = times.map((timestampMs, author) => {
        const refs = [parents[author] as BlockRef, ...parents.filter((ref) => ref.author !== author)];
        const content = { author, round: i + 1, refs, transactions: [], timestampMs };
        const block = buildBlock(content, rules.domain, () => new Uint8Array(64));
        consensus.dag.insert(block);
        return block.ref;
      });
    });
    const times = advanceFully(consensus).map(({ commit }) => commit?.timeMs);
    expect(times).toEqual([500_001, 1_000_200, 1_000_500]);
  });
});
