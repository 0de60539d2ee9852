import { describe, expect, test } from "vitest";
import { buildCommittee } from "../../../../src/validator/engine/consensus/committee.ts";
import { OwnHistory } from "../../../../src/validator/engine/sync/own-history.ts";

/** Validator 0 of four: three peers, of whom two must answer. All start in their first round. */
function open(signedRound?: number) {
  const history = new OwnHistory(buildCommittee(4, 2), signedRound, 0);
  return {
    history,
    answered: (peer: number, ownRound: number, { peerRound = 0, nowMs = 0 } = {}) =>
      history.answered(peer, { ownRound, peerRound }, nowMs),
    mayPropose: (heldRound: number, nowMs: number, nextRound = heldRound + 1) =>
      history.mayPropose(heldRound, nextRound, nowMs),
  };
}

describe("whether a validator that just started may propose", () => {
  test("alone in its committee, at once", () => {
    expect(new OwnHistory(buildCommittee(1, 1), undefined, 0).mayPropose(0, 1, 0)).toBe(true);
  });

  test("once all peers have said that they hold nothing higher", () => {
    const { answered, mayPropose } = open();
    for (const peer of [1, 2]) answered(peer, 0);
    expect(mayPropose(0, 10)).toBe(false);
    answered(3, 0);
    expect(mayPropose(0, 10)).toBe(true);
  });

  test("in a first life without the last peer after two seconds, but never without enough of them", () => {
    const { answered, mayPropose } = open();
    answered(1, 0);
    expect(mayPropose(0, 60_000)).toBe(false);
    answered(2, 0);
    expect(mayPropose(0, 1_999)).toBe(false);
    expect(mayPropose(0, 2_000)).toBe(true);
  });

  test("not before the highest own block that a peer holds is here, but in a round above it", () => {
    const { history, answered, mayPropose } = open();
    const at = { peerRound: 40 };
    for (const peer of [1, 2, 3]) answered(peer, 40, at);
    expect(mayPropose(39, 1_000)).toBe(false);
    history.saw(40);
    expect(mayPropose(39, 60_000)).toBe(false);
    expect(mayPropose(40, 1_000)).toBe(true);
    history.saw(41);
    expect(mayPropose(40, 60_001)).toBe(false);
    expect(mayPropose(40, 60_001, 42)).toBe(true);
  });

  test("a claim that no block follows is not believed for ever, however it grows, but as long whenever it comes", () => {
    const { answered, mayPropose } = open();
    for (const peer of [1, 2]) answered(peer, 0);
    expect(mayPropose(0, 1_999)).toBe(false);
    answered(3, 1_000_000, { nowMs: 60_000 });
    expect(mayPropose(0, 65_000)).toBe(false);
    answered(3, 2_000_000, { nowMs: 65_000 });
    expect(mayPropose(0, 65_001)).toBe(true);
  });
});

describe("whether a validator that knows how far its blocks may have gone may propose", () => {
  test("with the last of them at once, whoever is there", () => {
    expect(open(40).mayPropose(40, 0)).toBe(true);
    expect(open(40).mayPropose(39, 0)).toBe(false);
  });

  test("in a round above them at once, and from then on", () => {
    const { mayPropose } = open(40);
    expect(mayPropose(30, 0, 40)).toBe(false);
    expect(mayPropose(30, 0, 41)).toBe(true);
  });

  test("below only once all peers have answered, however long that takes", () => {
    const { history, answered, mayPropose } = open(40);
    for (const peer of [1, 2]) answered(peer, 30, { peerRound: 36 });
    expect(mayPropose(30, 600_000)).toBe(false);
    expect(history.missing(30)).toEqual({ signedRound: 40, answered: [1, 2] });
    answered(3, 30, { nowMs: 600_000 });
    expect(mayPropose(30, 600_000)).toBe(true);
    expect(history.missing(30)).toBe(undefined);
  });

  test("and the last peer to answer is believed as the first", () => {
    const { history, answered, mayPropose } = open(40);
    for (const peer of [1, 2]) answered(peer, 30);
    answered(3, 35, { nowMs: 600_000 });
    history.saw(35);
    expect(mayPropose(30, 700_000)).toBe(false);
    expect(mayPropose(35, 700_000)).toBe(true);
  });

  test("a claim beyond what was reserved is a lie", () => {
    const { answered, mayPropose } = open(40);
    for (const peer of [1, 2, 3]) answered(peer, peer === 2 ? 1_000_000 : 30);
    expect(mayPropose(30, 0)).toBe(true);
  });
});

describe("where nothing tells how far the own blocks went, though some are known", () => {
  test("all peers have to answer, or the round has to be above what these can have been", () => {
    const { answered, mayPropose } = open();
    answered(1, 30, { peerRound: 36 });
    answered(2, 30, { peerRound: 34 });
    expect(mayPropose(30, 600_000)).toBe(false);
    // Validators 1 and 3, whose round is not known, and this one can have stood in round 36.
    expect(mayPropose(30, 600_000, 37)).toBe(false);
    expect(mayPropose(30, 600_000, 38)).toBe(true);
  });

  test("also in a committee of seven, of which two may lie or be away", () => {
    const history = new OwnHistory(buildCommittee(7, 2), undefined, 0);
    for (const [i, peerRound] of [90, 50, 40, 30].entries()) {
      history.answered(1 + i, { ownRound: 20, peerRound }, 0);
    }
    expect(history.mayPropose(20, 51, 600_000)).toBe(false);
    expect(history.mayPropose(20, 52, 600_000)).toBe(true);
  });
});
