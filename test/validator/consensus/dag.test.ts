import { describe, expect, test } from "vitest";
import { type Block, type BlockRef, buildBlock, buildRef } from "../../../src/validator/consensus/block.ts";
import { Dag } from "../../../src/validator/consensus/dag.ts";
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
    expect(dag.isMissing(b1.ref.key)).toBe(true);
    expect(dag.suspendedCountOf(0)).toBe(2);
    expect(dag.highestSeenRound).toBe(3);
    expect(accepted(dag, a1)).toEqual(["1/0"]);
    expect(accepted(dag, b1)).toEqual(["1/1"]);
    expect(accepted(dag, c1)).toEqual(["1/2", "2/0"]);
    expect(dag.isAccepted(a3.ref.key)).toBe(false);
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
    expect([0, 1, 2, 3].map((author) => dag.suspendedCountOf(author))).toEqual([0, 0, 0, 0]);
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
    expect(dag.isAccepted(onTwin.ref.key)).toBe(true);
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
    expect(lies.map((block) => dag.isSuspended(block.ref.key))).toEqual([true, true]);
  });

  test("lets committed blocks of old rounds leave memory, but still knows them", () => {
    const { rules, full, blocks, named } = startDrawing(4, 1);
    full(1, 5);
    const dag = new Dag(rules);
    for (const each of blocks) dag.insert(each);
    for (const each of blocks) if (each.ref.round < 4 && each !== named("D2")) dag.markCommitted(each.ref);
    dag.pruneBelow(4);
    const held = blocks.filter((each) => dag.get(each.ref.key) !== undefined);
    expect(held.map((each) => each.ref.round)).toEqual([2, 4, 4, 4, 4, 5, 5, 5, 5]);
    expect(blocks.every((each) => dag.isAccepted(each.ref.key))).toBe(true);
    const late = named("D2");
    if (late === undefined) throw new Error("not drawn");
    dag.markCommitted(late.ref);
    expect(dag.get(late.ref.key)).toBeUndefined();
    expect(dag.insert(late)).toEqual({ outcome: "known" });
  });
});
