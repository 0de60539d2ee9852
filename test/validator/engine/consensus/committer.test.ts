import { describe, expect, test } from "vitest";
import { Committer, FaultBoundError } from "../../../../src/validator/engine/consensus/committer.ts";
import { Dag } from "../../../../src/validator/engine/consensus/dag.ts";
import { describeDecision, startDrawing } from "./drawing.ts";

type Drawing = ReturnType<typeof startDrawing>;

const all = ["A1", "B1", "C1", "D1"];
const nv = ["A1", "C1", "D1"];

/** The undecided start (U): half of round 2 votes for B1. */
function undecided({ full, some }: Drawing) {
  full(1, 1);
  some("AB", 2, all);
  some("CD", 2, nv);
}

interface Row {
  readonly dag: string;
  readonly leaders?: number;
  readonly draw: (drawing: Drawing) => void;
  readonly expected: string;
}

const rows: readonly Row[] = [
  { dag: "full to 2", draw: ({ full }) => full(1, 2), expected: "" },
  { dag: "full to 3", draw: ({ full }) => full(1, 3), expected: "DC B1" },
  {
    dag: "full to 12",
    draw: ({ full }) => full(1, 12),
    expected: "DC B1, DC C2, DC D3, DC A4, DC B5, DC C6, DC D7, DC A8, DC B9, DC C10",
  },
  {
    dag: "no B1; round 2 has A, C, D only: before round 3",
    draw: ({ full }) => full(1, 2, "ACD"),
    expected: "DS B1",
  },
  {
    dag: "round 2: B all; A, C, D nv",
    draw: ({ full, some }) => {
      full(1, 1);
      some("B", 2, all);
      some("ACD", 2, nv);
    },
    expected: "DS B1",
  },
  ...[3, 5].map((to) => ({
    dag: `(U) to ${to}`,
    draw: (drawing: Drawing) => {
      undecided(drawing);
      drawing.full(3, to);
    },
    expected: "",
  })),
  ...[5, 6].map((to) => ({
    dag: `one certificate only, to ${to}`,
    draw: ({ full, some, block }: Drawing) => {
      full(1, 1);
      some("ABC", 2, all);
      some("D", 2, nv);
      block("A3", ["A2", "B2", "C2"]);
      block("B3", ["B2", "A2", "C2"]);
      block("C3", ["C2", "A2", "D2"]);
      block("D3", ["D2", "A2", "B2"]);
      full(4, to);
    },
    expected: to === 5 ? "" : "IC B1<A4>, DC C2, DC D3, DC A4",
  })),
  {
    dag: "(U) to 6",
    draw: (drawing) => {
      undecided(drawing);
      drawing.full(3, 6);
    },
    expected: "IS B1<A4>, DC C2, DC D3, DC A4",
  },
  ...[6, 7].map((to) => ({
    dag: `(U) and no A4, to ${to}`,
    draw: (drawing: Drawing) => {
      undecided(drawing);
      drawing.full(3, 3);
      drawing.full(4, 4, "BCD");
      drawing.full(5, to);
    },
    expected: to === 6 ? "" : "IS B1<B5>, DC C2, DC D3, DS A4, DC B5",
  })),
  { dag: "k = 2, full to 3", leaders: 2, draw: ({ full }) => full(1, 3), expected: "DC B1, DC C1" },
  {
    dag: "k = 2, no C1, to 3",
    leaders: 2,
    draw: ({ full }) => {
      full(1, 1, "ABD");
      full(2, 3);
    },
    expected: "DC B1, DS C1",
  },
  ...[3, 6].map((to) => ({
    dag: `k = 2, (U), to ${to}`,
    leaders: 2,
    draw: (drawing: Drawing) => {
      undecided(drawing);
      drawing.full(3, to);
    },
    expected: to === 3 ? "" : "IS B1<A4>, DC C1, DC C2, DC D2, DC D3, DC A3, DC A4, DC B4",
  })),
  ...[3, 6].map((to) => ({
    dag: `equivocating leader 2:2, to ${to}`,
    draw: ({ full, block, some }: Drawing) => {
      full(1, 1);
      block("B1'", ["B0", "A0", "C0", "D0"]);
      some("AB", 2, all);
      some("CD", 2, ["A1", "B1'", "C1", "D1"]);
      full(3, to);
    },
    expected: to === 3 ? "" : "IS B1<A4>, DC C2, DC D3, DC A4",
  })),
  {
    dag: "D silent from round 1, to 14",
    draw: ({ full }) => full(1, 14, "ABC"),
    expected: "DC B1, DC C2, DS D3, DC A4, DC B5, DC C6, DS D7, DC A8, DC B9, DC C10, DS D11, DC A12",
  },
];

function decide(drawing: Drawing, cursor?: { round: number; rank: number }) {
  const dag = new Dag(drawing.rules);
  for (const block of drawing.blocks) dag.insert(block);
  const committer = new Committer(dag, drawing.rules.committee, cursor);
  return { dag, committer, decisions: committer.advance().map(describeDecision).join(", ") };
}

describe("commit rule", () => {
  test.each(rows)("$dag: $expected", ({ leaders = 1, draw, expected }) => {
    const drawing = startDrawing(4, leaders);
    draw(drawing);
    expect(decide(drawing).decisions).toBe(expected);
  });

  test("full to 6, then again with the cursor at (4, A): nothing more", () => {
    const drawing = startDrawing(4, 1);
    drawing.full(1, 6);
    const first = decide(drawing);
    expect(first.decisions).toBe("DC B1, DC C2, DC D3, DC A4");
    expect(first.committer.advance()).toEqual([]);
    expect(decide(drawing, { round: 4, rank: 0 }).decisions).toBe("");
  });

  test("decided one block at a time, the outcome is the same", () => {
    for (const { leaders = 1, draw, expected, dag: name } of rows) {
      const drawing = startDrawing(4, leaders);
      draw(drawing);
      const dag = new Dag(drawing.rules);
      const committer = new Committer(dag, drawing.rules.committee);
      const decisions = drawing.blocks.flatMap((block) => {
        dag.insert(block);
        return committer.advance().map(describeDecision);
      });
      expect(decisions.join(", "), name).toBe(expected);
    }
  });

  test("authors are counted, never blocks: twins of one author make no quorum", () => {
    const certified = startDrawing(4, 1);
    certified.full(1, 2);
    certified.some("AB", 3, ["A2", "B2", "C2", "D2"]);
    certified.block("A3'", ["A2", "B2", "C2", "D2"]);
    expect(decide(certified).decisions).toBe("");

    const skipped = startDrawing(4, 1);
    skipped.full(1, 1);
    skipped.some("AC", 2, nv);
    skipped.block("A2'", nv);
    expect(decide(skipped).decisions).toBe("");
    skipped.block("D2", nv);
    expect(decide(skipped).decisions).toBe("DS B1");
  });

  test("two certified twins in one slot, which takes more than f faulty validators, halt it", () => {
    const drawing = startDrawing(4, 1);
    const { full, block, some } = drawing;
    full(1, 1);
    block("B1'", ["B0", "A0", "C0", "D0"]);
    const other = ["A1", "B1'", "C1", "D1"];
    some("ABCD", 2, all);
    for (const twin of ["A2'", "C2'", "D2'"]) block(twin, other);
    for (const voter of "ABCD") block(`${voter}3`, ["A2", "B2", "C2", "D2"]);
    for (const voter of "ABCD") block(`${voter}3'`, ["A2'", "C2'", "D2'", "B2"]);
    expect(() => decide(drawing)).toThrow(FaultBoundError);
  });
});
