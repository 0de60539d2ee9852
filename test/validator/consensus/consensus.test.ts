import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Random, seededRandom } from "../../../src/core/random.ts";
import type { Block } from "../../../src/validator/consensus/block.ts";
import { Consensus, type Outcome } from "../../../src/validator/consensus/consensus.ts";
import { below, drawClosedSubset, drawRandomDag, type RandomDag, shuffled } from "./random-dag.ts";

const committees = [4, 7].flatMap((authors) =>
  [1, 2].map((leadersPerRound) => ({ authors, leadersPerRound })),
);

/** What all validators must agree on; how a slot was decided may differ with what was seen when. */
function describeOutcome({ decision, commit }: Outcome): string {
  const { round, rank } = decision.slot;
  const leader = commit === undefined ? "" : commit.leader.ref.digest.toString("hex").slice(0, 8);
  const rest =
    commit === undefined
      ? ""
      : `${commit.height} ${commit.timeMs} ${commit.appHash.toString("hex")} ${commit.transactions.map((each) => each.toString("hex"))}`;
  return `(${round},${rank}) ${decision.outcome} ${leader} ${rest}`;
}

function run({ rules }: RandomDag, blocks: readonly Block[], mostAtOnce: () => number): string[] {
  const consensus = new Consensus(rules);
  const outcomes: string[] = [];
  let next = mostAtOnce();
  for (const block of blocks) {
    consensus.insert(block);
    if (--next > 0) continue;
    outcomes.push(...consensus.advance().map(describeOutcome));
    next = mostAtOnce();
  }
  return [...outcomes, ...consensus.advance().map(describeOutcome)];
}

function forRandomDags(shape: (typeof committees)[number], check: (dag: RandomDag, random: Random) => void) {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 3, max: 14 }), (seed, rounds) => {
      const random = seededRandom(String(seed));
      check(drawRandomDag({ ...shape, rounds }, random), random);
    }),
    { numRuns: 150 },
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
    "n = $authors, k = $leadersPerRound: outputs of causally closed subsets are prefixes of each other",
    (shape) => {
      let longest = 0;
      forRandomDags(shape, (dag, random) => {
        const views = [dag.blocks, ...Array.from({ length: 7 }, () => drawClosedSubset(dag, random))];
        const outputs = views.map((view) => run(dag, view, () => 1 + below(random, 10)));
        outputs.sort((a, b) => b.length - a.length);
        const [most = [], ...others] = outputs;
        longest = Math.max(longest, most.length);
        for (const output of others) expect(most.slice(0, output.length)).toEqual(output);
      });
      expect(longest).toBeGreaterThan(5);
    },
  );

  test("every block is ordered once, and a repeated transaction comes through once", () => {
    forRandomDags({ authors: 4, leadersPerRound: 2 }, (dag) => {
      const consensus = new Consensus(dag.rules);
      for (const block of dag.blocks) consensus.insert(block);
      const commits = consensus.advance().flatMap(({ commit }) => commit ?? []);
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
  });
});
