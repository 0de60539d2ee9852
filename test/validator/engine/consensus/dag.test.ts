import { describe, expect, test } from "vitest";
import {
  type Block,
  type BlockRef,
  buildBlock,
  buildRef,
} from "../../../../src/validator/engine/consensus/block.ts";
import { Dag } from "../../../../src/validator/engine/consensus/dag.ts";
import { startDrawing } from "./drawing.ts";

function accepted(dag: Dag, block: Block): string[] {
  const insertion = dag.insert(block);
  return insertion.outcome === "accepted"
    ? insertion.blocks.map(({ ref }) => `${ref.round}/${ref.author}`)
    : [];
}

describe("DAG", () => {
  test("holds a block back until all its refs are accepted, and says which ones it misses", () => {
    const { rules, full, named } = startDrawing(4, 1);
    full(1, 3, "ABC");
    const dag = new Dag(rules);
    const [a1, b1, c1, a2, a3] = ["A1", "B1", "C1", "A2", "A3"].map((name) => named(name) as Block);
    if (!a1 || !b1 || !c1 || !a2 || !a3) throw new Error("not drawn");
    const first = dag.insert(a2);
    expect(first.outcome === "suspended" && first.missing.map((ref) => ref.key)).toEqual(
      a2.refs.map((ref) => ref.key),
    );
    const second = dag.insert(a3);
    expect(second.outcome === "suspended" && second.missing.map((ref) => ref.key)).toEqual(
      // A2 is held; B2 and C2 are not.
      a3.refs.slice(1).map((ref) => ref.key),
    );
    expect(dag.isMissing(b1.ref)).toBe(true);
    expect(dag.sizes.suspended).toBe(2);
    expect(accepted(dag, a1)).toEqual(["1/0"]);
    expect(accepted(dag, b1)).toEqual(["1/1"]);
    expect(accepted(dag, c1)).toEqual(["1/2", "2/0"]);
    expect(dag.isAccepted(a3.ref)).toBe(false);
    expect(dag.insert(a2)).toEqual({ outcome: "known" });
    expect(dag.insert(a3)).toEqual({ outcome: "known" });
  });

  test("releases a long chain of dependants at once, causes first", () => {
    const { rules, full, blocks } = startDrawing(4, 1);
    full(1, 4_000);
    const dag = new Dag(rules);
    const [first, ...rest] = blocks;
    if (first === undefined) throw new Error("not drawn");
    for (const block of rest.toReversed()) dag.insert(block);
    const insertion = dag.insert(first);
    if (insertion.outcome !== "accepted") throw new Error(insertion.outcome);
    const seen = new Set(rules.genesis.map((ref) => ref.key));
    let outOfOrder = 0;
    for (const block of insertion.blocks) {
      if (block.ref.round > 1 && block.refs.some((ref) => ref.round > 1 && !seen.has(ref.key))) outOfOrder++;
      seen.add(block.ref.key);
    }
    expect(outOfOrder).toBe(0);
    expect(dag.highestRound).toBe(4_000);
    expect(dag.sizes.suspended).toBe(0);
  });

  test("the clock is one above the highest round that a quorum of authors holds", () => {
    const { rules, full, block, blocks } = startDrawing(4, 1);
    full(1, 1);
    block("A1'", ["A0", "B0", "C0", "D0"]);
    full(2, 2, "ABC");
    const dag = new Dag(rules);
    const clocks = blocks.map((each) => {
      dag.insert(each);
      return dag.clock;
    });
    //                       A1 B1 C1 D1 A1' A2 B2 C2
    expect(clocks).toEqual([1, 1, 2, 2, 2, 2, 2, 3]);
  });

  test("keeps twins side by side and counts them", () => {
    const { rules, full, block, blocks } = startDrawing(4, 1);
    full(1, 1);
    const twin = block("B1'", ["B0", "A0", "C0", "D0"]);
    const onTwin = block("A2", ["A1", "B1'", "C1", "D1"]);
    const dag = new Dag(rules);
    for (const each of blocks) dag.insert(each);
    expect(dag.equivocations).toBe(1);
    expect(dag.blocksOf(1, 1).map((each) => each.ref.key)).toEqual([blocks[1]?.ref.key, twin.ref.key]);
    expect(dag.isAccepted(onTwin.ref)).toBe(true);
  });

  test("never takes a block that names another one under a false author or round", () => {
    const { rules, full, named } = startDrawing(4, 1);
    full(1, 3);
    const dag = new Dag(rules);
    const [a2, b2] = ["A2", "B2"].map((name) => named(name)?.ref);
    const b3 = named("B3");
    if (!a2 || !b2 || !b3) throw new Error("not drawn");
    // Counted as they stand, its refs would be two votes where there is one.
    const forged = (ref: BlockRef) => {
      const content = { author: 0, round: 3, refs: [a2, ref, ...b3.refs.slice(2)], transactions: [] };
      return buildBlock({ ...content, timestampMs: 1 }, rules.domain, () => new Uint8Array(64));
    };
    const lies = [
      forged(buildRef(b2.author, b2.round, a2.digest)),
      forged(buildRef(b2.author, b2.round - 1, b2.digest)),
    ];
    for (const name of ["A1", "B1", "C1", "D1"]) dag.insert(named(name) as Block);
    expect(lies.map((block) => dag.insert(block).outcome)).toEqual(["suspended", "suspended"]);
    for (const name of ["A2", "B2", "C2", "D2"]) expect(accepted(dag, named(name) as Block).length).toBe(1);
    expect(lies.map((block) => dag.isSuspended(block.ref))).toEqual([true, true]);
  });

  describe("once a round is obsolete", () => {
    /** D is behind, and nobody else leads to its blocks. */
    function drawStraggler() {
      const drawing = startDrawing(4, 1);
      drawing.full(1, 4, "ABC");
      drawing.block("D1", ["D0", "A0", "B0"]);
      drawing.block("D2", ["D1", "A1", "B1"]);
      drawing.block("D5", ["D2", "A4", "B4", "C4"]);
      const insert = (dag: Dag, ...names: string[]) =>
        names.map((name) => dag.insert(drawing.named(name) as Block).outcome);
      const rounds = [1, 2, 3, 4].flatMap((round) => ["A", "B", "C"].map((letter) => `${letter}${round}`));
      return { ...drawing, insert, rounds };
    }

    test("what stands there leaves memory, counts as accepted, and is not taken any more", () => {
      const { rules, insert, rounds, named, blocks } = drawStraggler();
      const dag = new Dag(rules);
      insert(dag, ...rounds, "D1");
      for (const name of ["A1", "B1", "A2", "A3"]) dag.markCommitted(named(name) as Block);
      const { lost, released } = dag.collect(2);
      expect(lost.map(({ ref }) => `${ref.round}/${ref.author}`)).toEqual(["1/2", "1/3", "2/1", "2/2"]);
      expect(released).toEqual([]);
      expect(dag.sizes).toEqual({ accepted: 6, suspended: 0, committed: 1 });
      expect(blocks.filter(({ ref }) => ref.round <= 2).every(({ ref }) => dag.isAccepted(ref))).toBe(true);
      expect(insert(dag, "D2", "A1")).toEqual(["known", "known"]);
      expect(dag.uncommittedBlocks().map(({ ref }) => `${ref.round}/${ref.author}`)).toEqual([
        "3/1",
        "3/2",
        "4/0",
        "4/1",
        "4/2",
      ]);
    });

    test("blocks that waited only for it are accepted, with those that waited for them", () => {
      const { rules, insert, rounds, block, named } = drawStraggler();
      block("A5", ["A4", "B4", "C4"]);
      block("B5", ["B4", "A4", "C4"]);
      block("B6", ["B5", "A5", "D5"]);
      const dag = new Dag(rules);
      insert(dag, ...rounds, "A5", "B5");
      // D1 is withheld: D2 waits for it, D5 for D2, B6 for D5.
      expect(insert(dag, "D2", "D5", "B6")).toEqual(["suspended", "suspended", "suspended"]);
      expect(dag.collect(1).released.map(({ ref }) => ref.round)).toEqual([2, 5, 6]);
      expect(dag.sizes.suspended).toBe(0);
      expect(dag.get((named("B6") as Block).ref.key)).toBe(named("B6"));
    });

    test("suspended blocks there are forgotten, with what they waited for", () => {
      const { rules, insert, rounds, named } = drawStraggler();
      const dag = new Dag(rules);
      insert(dag, ...rounds, "D2", "D5");
      expect([dag.sizes.suspended, dag.isMissing((named("D1") as Block).ref)]).toEqual([2, true]);
      expect(dag.collect(2).released.map(({ ref }) => ref.round)).toEqual([5]);
      expect([dag.sizes.suspended, dag.isMissing((named("D1") as Block).ref)]).toEqual([0, false]);
    });
  });
});
