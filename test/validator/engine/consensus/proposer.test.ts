import { describe, expect, test } from "vitest";
import type { Block } from "../../../../src/validator/engine/consensus/block.ts";
import { Dag } from "../../../../src/validator/engine/consensus/dag.ts";
import { Proposer } from "../../../../src/validator/engine/consensus/proposer.ts";
import { startDrawing } from "./drawing.ts";

const everyone = () => true;

/** Authority A of four, with the leaders of the given number of ranks: B1 (C1), C2 (D2), … */
function startProposer(leadersPerRound = 1) {
  const drawing = startDrawing(4, leadersPerRound);
  const dag = new Dag(drawing.rules);
  const pace = { minRoundDelayMs: 50, leaderTimeoutMs: 250 };
  const proposer = new Proposer({ authority: 0, rules: drawing.rules, pace }, dag);
  const insert = (...names: string[]) => {
    for (const name of names) {
      const insertion = dag.insert(drawing.named(name) as Block);
      if (insertion.outcome === "accepted") for (const block of insertion.blocks) proposer.observe(block);
    }
  };
  const names = new Map<string, string>();
  const refNames = (round: number) =>
    proposer.selectRefs(round).map(({ author, round: at }) => `${"ABCD"[author]}${at}`);
  return { ...drawing, dag, proposer, insert, names, refNames };
}

describe("when to propose", () => {
  test("round 1 at once, then not before the round delay has passed", () => {
    const { proposer, full, insert } = startProposer();
    expect(proposer.decide(0, everyone)).toEqual({ step: "propose", round: 1, timedOut: false });
    full(1, 1);
    insert("A1");
    proposer.proposedAt(0);
    expect(proposer.decide(1, everyone)).toEqual({ step: "idle" });
    insert("B1", "C1", "D1");
    expect(proposer.decide(2, everyone)).toEqual({ step: "wait", untilMs: 50 });
    expect(proposer.decide(50, everyone)).toEqual({ step: "propose", round: 2, timedOut: false });
  });

  test("waits for the leader just below, up to the timeout of this round, unless it is not connected", () => {
    const { proposer, full, insert } = startProposer();
    full(1, 1);
    insert("A1", "C1", "D1");
    expect(proposer.decide(1_000, everyone)).toEqual({ step: "wait", untilMs: 1_250 });
    expect(proposer.decide(1_249, everyone).step).toBe("wait");
    expect(proposer.decide(1_249, (authority) => authority !== 1)).toMatchObject({
      timedOut: false,
      round: 2,
    });
    expect(proposer.decide(1_250, everyone)).toEqual({ step: "propose", round: 2, timedOut: true });
  });

  test("waits for every leader of the round", () => {
    const { proposer, full, insert } = startProposer(2);
    full(1, 1);
    insert("A1", "B1", "D1");
    expect(proposer.decide(1_000, everyone).step).toBe("wait");
    insert("C1");
    expect(proposer.decide(1_000, everyone).step).toBe("propose");
  });

  test("does not wait for a leader who has gone on to a later round", () => {
    const { proposer, full, block, insert } = startProposer();
    full(1, 1);
    full(2, 2, "ABD");
    block("C3", ["C1", "A2", "B2", "D2"]);
    insert("A1", "B1", "C1", "D1", "A2", "B2", "D2");
    expect(proposer.decide(1_000, everyone).step).toBe("wait");
    insert("C3");
    expect(proposer.decide(1_000, everyone)).toMatchObject({ step: "propose", round: 3 });
  });

  test("waits until the votes on the leader two below are settled, or all that can come are there", () => {
    const { proposer, full, some, insert } = startProposer();
    full(1, 1);
    some("AB", 2, ["A1", "B1", "C1", "D1"]);
    some("CD", 2, ["A1", "C1", "D1"]);
    insert("A1", "B1", "C1", "D1", "A2", "B2", "C2");
    expect(proposer.decide(1_000, everyone)).toEqual({ step: "wait", untilMs: 1_250 });
    expect(proposer.decide(1_000, (authority) => authority !== 3).step).toBe("propose");
    insert("D2");
    expect(proposer.decide(1_000, everyone).step).toBe("propose");
  });

  test("gives up the rest of its delay when more than f others are in the round already", () => {
    const { proposer, full, insert } = startProposer();
    full(1, 2);
    insert("A1", "B1", "C1", "D1");
    proposer.proposedAt(0);
    insert("B2");
    expect(proposer.decide(10, everyone)).toEqual({ step: "wait", untilMs: 50 });
    insert("C2");
    expect(proposer.decide(10, everyone)).toEqual({ step: "propose", round: 2, timedOut: false });
  });

  test.each([
    ["a little late: the pace holds", 53, 100],
    ["very late: the delay counts from then", 61, 111],
    ["early, with the others: the delay counts from then", 40, 90],
  ])("the round delay after a block that was %s", (_, proposedMs, nextMs) => {
    const { proposer, full, insert } = startProposer();
    full(1, 2);
    proposer.proposedAt(0);
    insert("A1", "B1", "C1", "D1", "A2");
    proposer.proposedAt(proposedMs);
    insert("B2", "C2", "D2");
    expect(proposer.decide(proposedMs, everyone)).toEqual({ step: "wait", untilMs: nextMs });
  });

  test("a lagging validator jumps to the round of the clock, and proposes once in it", () => {
    const { proposer, full, block, insert } = startProposer();
    full(1, 5, "BCD");
    insert(...[1, 2, 3, 4, 5].flatMap((round) => ["B", "C", "D"].map((letter) => `${letter}${round}`)));
    expect(proposer.decide(9_000, everyone)).toMatchObject({ step: "propose", round: 6 });
    block("A6", ["A0", "B5", "C5", "D5"]);
    insert("A6");
    expect(proposer.last.round).toBe(6);
    expect(proposer.decide(9_999, everyone)).toEqual({ step: "idle" });
  });
});

describe("what to refer to", () => {
  test("own last block first, then one block per author just below", () => {
    const { refNames, full, insert } = startProposer();
    expect(refNames(1)).toEqual(["A0", "B0", "C0", "D0"]);
    full(1, 1);
    insert("A1", "D1", "C1", "B1");
    expect(refNames(2)).toEqual(["A1", "B1", "C1", "D1"]);
  });

  test("the first accepted twin just below; the other one as an older block a round later", () => {
    const { refNames, proposer, named, full, block, insert } = startProposer();
    full(1, 1);
    block("B1'", ["B0", "A0", "C0", "D0"]);
    insert("A1", "B1'", "B1", "C1", "D1");
    expect(proposer.selectRefs(2)[1]?.key).toBe(named("B1'")?.ref.key);
    block("A2", ["A1", "B1'", "C1", "D1"]);
    block("C2", ["C1", "B1'", "A1", "D1"]);
    block("D2", ["D1", "B1'", "C1", "A1"]);
    insert("A2", "C2", "D2");
    expect(refNames(3)).toEqual(["A2", "C2", "D2", "B1"]);
    expect(proposer.selectRefs(3)[3]?.key).toBe(named("B1")?.ref.key);
  });

  test("older blocks only where nothing else leads to them and they are not committed", () => {
    const { refNames, proposer, named, full, some, insert } = startProposer();
    full(1, 1);
    some("ABC", 2, ["A1", "B1", "C1"]);
    insert("A1", "B1", "C1", "D1", "A2", "B2", "C2");
    expect(refNames(3)).toEqual(["A2", "B2", "C2", "D1"]);
    proposer.forget([named("D1") as Block], 0);
    expect(refNames(3)).toEqual(["A2", "B2", "C2"]);
    some("ABC", 3, ["A2", "B2", "C2"]);
    some("D", 3, ["D1", "A2", "B2", "C2"]);
    insert("A3", "B3", "C3", "D3");
    expect(refNames(4)).toEqual(["A3", "B3", "C3", "D3"]);
  });
});
