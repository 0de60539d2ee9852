import { describe, expect, test } from "vitest";
import { Agreement } from "../../src/load/agreement.ts";

describe("Agreement", () => {
  test("nodes that show the same at every height agree, in whatever order they show it", () => {
    const agreement = new Agreement(3);
    for (let height = 1; height <= 100; height++) agreement.show("a", height, `f${height}`);
    for (let height = 1; height <= 100; height++) {
      agreement.show("b", height, `f${height}`);
      agreement.show("c", height, `f${height}`);
    }
    expect(agreement.disagreements()).toEqual([]);
  });

  test("a height at which one differs is told with what each showed", () => {
    const agreement = new Agreement(3);
    agreement.show("a", 5, "x");
    agreement.show("b", 5, "x");
    agreement.show("c", 5, "y");
    expect(agreement.disagreements()).toEqual([{ height: 5, fingerprints: { a: "x", b: "x", c: "y" } }]);
  });

  test("the ten lowest are kept, lowest first", () => {
    const agreement = new Agreement(2);
    for (let height = 50; height >= 1; height--) {
      agreement.show("a", height, "x");
      agreement.show("b", height, "y");
    }
    expect(agreement.disagreements().map(({ height }) => height)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test("a silent node does not let memory grow: the oldest heights are let go, and counted", () => {
    const agreement = new Agreement(2);
    for (let height = 1; height <= 16_384; height++) agreement.show("a", height, "x");
    expect(agreement.uncompared).toBe(0);
    for (let height = 16_385; height <= 16_394; height++) agreement.show("a", height, "x");
    expect(agreement.uncompared).toBe(10);
    agreement.show("b", 16_394, "y");
    expect(agreement.disagreements()).toHaveLength(1);
  });
});
