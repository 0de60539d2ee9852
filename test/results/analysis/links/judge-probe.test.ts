import { describe, expect, test } from "vitest";
import { type LinkShape, unshaped } from "../../../../src/contracts/links/shape.ts";
import { seededRandom } from "../../../../src/core/random.ts";
import { askedOf } from "../../../../src/results/analysis/links/asked.ts";
import { figuresOf } from "../../../../src/results/analysis/links/figures.ts";
import { judgeProbe } from "../../../../src/results/analysis/links/judge-probe.ts";
import { linkLimits } from "../../../../src/results/analysis/links/limits.ts";
import { around, delayed } from "../../sample-links.ts";

interface Seen {
  readonly sent?: number;
  readonly lost?: number;
  readonly delaysMs?: readonly number[];
  readonly goodputBps?: number;
}

/** What is outside its tolerance. */
function outside(
  asked: LinkShape,
  { sent = 200, lost = 0, delaysMs, goodputBps }: Seen = {},
  { links = 12, underLoad = false } = {},
): string[] {
  const received = sent - lost;
  const probed = { sent, received, delaysMs: delaysMs ?? around(asked.delayMs, received) };
  const link = askedOf({ way: "one-way", asked });
  const figures = { ...figuresOf(probed, asked.reorderRatio), goodputBps };
  const errors = judgeProbe(link, figures, { links, underLoad, limits: linkLimits });
  return errors.filter(({ outsideRatio }) => outsideRatio > 1).map(({ of }) => of);
}

const lossOf = (lossRatio: number) => ({ loss: { kind: "independent", lossRatio } as const });

describe("a delay", () => {
  test.each([
    ["within a millisecond of a short one", 5, 5.9, []],
    ["more than a millisecond off a short one", 5, 6.2, ["delay"]],
    ["within a twentieth of a long one", 100, 104.5, []],
    ["more than a twentieth off a long one", 100, 105.3, ["delay"]],
    ["too short", 25, 23, ["delay"]],
    ["not there at all", 25, 0.05, ["delay"]],
  ] as const)("%s", (_, askedMs, gotMs, found) => {
    const delaysMs = Array.from({ length: 200 }, () => gotMs);
    expect(outside(delayed(askedMs), { delaysMs })).toEqual(found);
  });

  test("has the time that an echo itself takes at a low rate", () => {
    const delaysMs = Array.from({ length: 200 }, () => 25 + 8);
    expect(outside(delayed(25), { delaysMs })).toEqual(["delay"]);
    expect(outside(delayed(25, { rateBps: 100_000 }), { delaysMs })).toEqual([]);
  });

  test("of a round trip is that of both directions", () => {
    const asked = askedOf({ way: "round-trip", asked: delayed(30), askedBack: delayed(20, lossOf(0.1)) });
    expect(asked).toMatchObject({ delayMs: 50, lossRatio: expect.closeTo(0.1, 9), down: false });
  });
});

/** Normally distributed (Box and Muller). */
function normal(meanMs: number, deviationMs: number, count: number, seed: string): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.nextRatio()));
    return meanMs + deviationMs * radius * Math.cos(2 * Math.PI * random.nextRatio());
  });
}

describe("jitter", () => {
  const asked = delayed(50, { jitter: { deviationMs: 10, distribution: "normal" } });

  test("that is as asked passes, whatever the sample, but for chance", () => {
    const samples = Array.from({ length: 100 }, (_, at) => normal(50, 10, 2_000, `seed ${at}`));
    const failed = samples.filter((delaysMs) => outside(asked, { sent: 2_000, delaysMs }).length > 0);
    expect(failed.length).toBe(0);
  });

  test("of half the size is found, and a few packets that the machine held up do not count", () => {
    expect(outside(asked, { sent: 2_000, delaysMs: normal(50, 5, 2_000, "half") })).toEqual(["jitter"]);
    const heldUp = [...normal(50, 10, 1_995, "held"), 300, 300, 300, 300, 300];
    expect(outside(asked, { sent: 2_000, delaysMs: heldUp })).toEqual([]);
  });

  test("below a millisecond, or cut off at 0, is not judged", () => {
    expect(outside(delayed(50, { jitter: { deviationMs: 0.5, distribution: "normal" } }))).toEqual([]);
    expect(outside(delayed(10, { jitter: { deviationMs: 5, distribution: "normal" } }))).toEqual([]);
  });
});

describe("loss", () => {
  test.each([
    ["as asked", 0.01, { sent: 2_000, lost: 20 }, []],
    ["within what chance may do", 0.01, { sent: 2_000, lost: 31 }, []],
    ["twice as asked", 0.05, { sent: 2_000, lost: 200 }, ["loss"]],
    ["missing", 0.01, { sent: 2_000, lost: 0 }, ["loss"]],
    ["a packet of a link that loses none", 0, { sent: 200, lost: 1 }, []],
    ["every tenth packet of a link that loses none", 0, { sent: 200, lost: 20 }, ["loss"]],
    ["all", 0, { sent: 200, lost: 200, delaysMs: [] }, ["loss"]],
  ] as const)("%s", (_, lossRatio, seen, found) => {
    expect(outside(delayed(25, lossOf(lossRatio)), seen)).toEqual(found);
  });

  test("in bursts may differ more, since losses of one burst are one chance", () => {
    const loss = {
      kind: "gilbert-elliott",
      goodToBadRatio: 0.01,
      badToGoodRatio: 0.25,
      goodLossRatio: 0,
      badLossRatio: 1,
    };
    const asked = delayed(25, { loss } as Partial<LinkShape>);
    // 3.8 % asked, 6.5 % got.
    expect(outside(asked, { sent: 2_000, lost: 130 })).toEqual([]);
    expect(outside(delayed(25, lossOf(0.0385)), { sent: 2_000, lost: 130 })).toEqual(["loss"]);
  });
});

describe("a rate", () => {
  const asked = delayed(10, { rateBps: 10e6 });

  test.each([
    ["of the payload that it has room for", 9.6e6, []],
    ["a little less", 8.8e6, []],
    ["much less", 8.4e6, ["goodput"]],
    ["more", 11e6, ["goodput"]],
  ] as const)("%s", (_, goodputBps, found) => {
    expect(outside(asked, { goodputBps })).toEqual(found);
  });

  test("need not be filled where packets are lost: TCP sends less then", () => {
    const lossy = { ...asked, ...lossOf(0.05) };
    expect(outside(lossy, { sent: 2_000, lost: 100, goodputBps: 1e6 })).toEqual([]);
    expect(outside(lossy, { sent: 2_000, lost: 100, goodputBps: 11e6 })).toEqual(["goodput"]);
  });
});

describe("beside the load of the nodes", () => {
  const underLoad = { underLoad: true };
  const rated = delayed(25, { rateBps: 10e6, ...lossOf(0.1) });
  const jittery = delayed(50, { rateBps: 10e6, jitter: { deviationMs: 10, distribution: "normal" } });
  const lost = { sent: 2_000, lost: 200 };
  const late = (ms: number) => ({ ...lost, delaysMs: around(25 + ms, 1_800) });

  test.each([
    ["echoes wait in the queue of a rate", rated, late(45), []],
    ["but not longer than it is", rated, late(60), ["delay"]],
    ["nor are they earlier", rated, late(-5), ["delay"]],
    ["a full queue drops packets", rated, { sent: 2_000, lost: 400 }, []],
    ["but not all", rated, { sent: 2_000, lost: 2_000, delaysMs: [] }, ["loss"]],
    ["nor does it save any", rated, { sent: 2_000, lost: 100 }, ["loss"]],
    ["a part of the rate is left", delayed(25, { rateBps: 10e6 }), { goodputBps: 4e6 }, []],
    ["but not more than all", delayed(25, { rateBps: 10e6 }), { goodputBps: 11e6 }, ["goodput"]],
    ["delays vary more", jittery, { sent: 2_000, delaysMs: normal(60, 15, 2_000, "busy") }, []],
    ["without a rate nothing waits", delayed(25, lossOf(0.1)), late(20), ["delay"]],
    ["without a rate nothing is dropped", delayed(25, lossOf(0.1)), { sent: 2_000, lost: 400 }, ["loss"]],
  ] as const)("%s", (_, asked, seen, found) => {
    expect(outside(asked, seen, underLoad)).toEqual(found);
  });
});

test("over a link that is down nothing may arrive", () => {
  const down = delayed(0, { down: true });
  expect(outside(down, { sent: 20, lost: 20 })).toEqual([]);
  expect(outside(down, { sent: 20, lost: 19 })).toEqual(["down"]);
});

test("a delay of 0 leaves the path as it is, also between hosts that are far apart", () => {
  const asked = { ...unshaped, loss: { kind: "independent", lossRatio: 0.01 } } as const;
  expect(askedOf({ way: "round-trip", asked, askedBack: asked, bareMs: 20 })).toMatchObject({ delayMs: 40 });
  expect(askedOf({ way: "one-way", asked: { ...asked, delayMs: 5 }, bareMs: 0.2 })).toMatchObject({
    delayMs: 5,
  });
});
