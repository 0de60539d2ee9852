import { describe, expect, test } from "vitest";
import { OwnHistory } from "../../../../src/validator/engine/sync/own-history.ts";

/** One of four validators: three peers, of whom two must answer. */
const open = () => new OwnHistory(3, 2, 0);

describe("whether a validator that just started may propose", () => {
  test("alone in its committee, at once", () => {
    expect(new OwnHistory(0, 0, 0).mayPropose(0, 0)).toBe(true);
  });

  test("once all peers have said that they hold nothing higher", () => {
    const history = open();
    for (const peer of [1, 2]) history.answered(peer, 0);
    expect(history.mayPropose(0, 10)).toBe(false);
    history.answered(3, 0);
    expect(history.mayPropose(0, 10)).toBe(true);
  });

  test("without the last peer after two seconds, but never without enough of them", () => {
    const history = open();
    history.answered(1, 0);
    expect(history.mayPropose(0, 60_000)).toBe(false);
    history.answered(2, 0);
    expect(history.mayPropose(0, 1_999)).toBe(false);
    expect(history.mayPropose(0, 2_000)).toBe(true);
  });

  test("not before the highest own block that a peer holds is here", () => {
    const history = open();
    expect([history.answered(1, 40), history.answered(2, 40), history.answered(3, 39)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(history.mayPropose(39, 1_000)).toBe(false);
    expect(history.mayPropose(40, 1_000)).toBe(true);
  });

  test("a claim that no block follows is not believed for ever; a block that was seen is", () => {
    const liar = open();
    for (const peer of [1, 2, 3]) liar.answered(peer, 1_000_000);
    expect(liar.mayPropose(0, 5_000)).toBe(false);
    expect(liar.mayPropose(0, 5_001)).toBe(true);

    const honest = open();
    for (const peer of [1, 2, 3]) honest.answered(peer, 40);
    honest.saw(40);
    expect(honest.mayPropose(0, 60_000)).toBe(false);
    expect(honest.mayPropose(40, 60_000)).toBe(true);
    honest.saw(41);
    expect(honest.mayPropose(40, 60_001)).toBe(false);
  });
});
