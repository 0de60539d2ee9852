import { describe, expect, test } from "vitest";
import { type BlockRef, buildRef } from "../../../../src/validator/engine/consensus/block.ts";
import { Fetcher } from "../../../../src/validator/engine/sync/fetcher.ts";

const ref = (author: number, round: number) => buildRef(author, round, Buffer.alloc(32, author * 50 + round));

function open(expected: readonly BlockRef[] = []) {
  const arrived = new Set<string>();
  const asked: string[] = [];
  const fetcher = new Fetcher({
    peers: () => [1, 2, 3],
    request: (peer, refs) => asked.push(`${peer}: ${refs.map(({ author, round }) => `${author}/${round}`)}`),
    graceMs: (each) => (expected.includes(each) ? 50 : 0),
    isStillMissing: ({ key }) => !arrived.has(key),
  });
  const tick = (nowMs: number) => {
    fetcher.tick(nowMs);
    return asked.splice(0);
  };
  return { fetcher, arrived, tick };
}

describe("fetching missing blocks", () => {
  test("asks the sender at once, then the other peers in turn every 200 ms, then more slowly", () => {
    const { fetcher, tick, arrived } = open();
    fetcher.want([ref(0, 4), ref(0, 5)], 2, 1_000);
    expect(tick(1_000)).toEqual(["2: 0/4,0/5"]);
    expect(tick(1_199)).toEqual([]);
    expect(tick(1_200)).toEqual(["3: 0/4,0/5"]);
    arrived.add(ref(0, 4).key);
    expect(tick(1_400)).toEqual(["1: 0/5"]);
    expect(tick(1_799)).toEqual([]);
    expect(tick(1_800)).toEqual(["2: 0/5"]);
    arrived.add(ref(0, 5).key);
    expect(tick(9_000)).toEqual([]);
    expect(fetcher.requests).toBe(4);
  });

  test("gives a block that its connected author sends anyway 50 ms to come", () => {
    const expected = ref(3, 7);
    const { fetcher, tick } = open([expected]);
    fetcher.want([expected], 1, 0);
    expect(tick(49)).toEqual([]);
    expect(tick(50)).toEqual(["1: 3/7"]);
  });

  test("goes on to the next peer soon after one said that it has it not", () => {
    const { fetcher, tick } = open();
    fetcher.want([ref(0, 1)], 1, 0);
    expect(tick(0)).toEqual(["1: 0/1"]);
    fetcher.notFound([ref(0, 1)], 10);
    expect(tick(60)).toEqual(["2: 0/1"]);
  });

  test("refs that nobody can serve keep neither other senders' refs nor later ones of the same sender back", () => {
    const { fetcher, tick, arrived } = open();
    const lies = Array.from({ length: 3_000 }, (_, i) => buildRef(0, i, Buffer.from(String(i).padStart(32))));
    fetcher.want(lies, 1, 0);
    const [named, own, shared] = [ref(3, 1), ref(1, 1), ref(2, 1)];
    fetcher.want([own, shared], 1, 0);
    fetcher.want([named, shared], 3, 0);
    const first = tick(0).join("\n");
    expect(first).toContain("3: 3/1");
    // Whoever else named it sees to it that it is asked for.
    expect(first).toContain("2/1");
    const ticks = Array.from({ length: 3_000 / 250 + 1 }, (_, i) => tick(50 * i).join("\n"));
    expect(ticks.some((each) => /[ ,]1\/1(,|$)/m.test(each))).toBe(true);
    // Once the true ones came, only the others are asked for.
    for (const { key } of [named, own, shared]) arrived.add(key);
    const later = Array.from({ length: 100 }, (_, i) => tick(10_000 + 50 * i).join("\n")).join("\n");
    expect(later).not.toMatch(/[ ,][123]\/1(,|$)/m);
    expect(later).toContain("0/2999");
  });

  test("goes on where a bounded part of the work is done in each tick", () => {
    const { fetcher, tick } = open();
    const many = Array.from({ length: 1_000 }, (_, i) => buildRef(0, i, Buffer.from(String(i).padStart(32))));
    fetcher.want(many, 1, 0);
    const sizes = [0, 50, 100, 150, 199].map((nowMs) =>
      tick(nowMs).reduce((sum, line) => sum + line.split(",").length, 0),
    );
    expect(sizes).toEqual([250, 250, 250, 250, 0]);
  });

  test("asks one peer for at most 1,000 refs in a tick, whoever named them", () => {
    const { fetcher, tick } = open();
    for (let sender = 10; sender < 30; sender++) {
      const refs = Array.from({ length: 250 }, (_, i) =>
        buildRef(0, i, Buffer.from(`${sender} ${i}`.padStart(32))),
      );
      // None of these is connected, so that the first peer stands in for all of them.
      fetcher.want(refs, sender, 0);
    }
    const asked = tick(0);
    expect(asked.every((line) => line.startsWith("1:"))).toBe(true);
    expect(asked.length).toBe(10);
    expect(tick(50).length).toBe(10);
  });

  test("asks for at most 100 refs in one message", () => {
    const { fetcher, tick } = open();
    fetcher.want(
      Array.from({ length: 250 }, (_, i) => buildRef(0, i, Buffer.from(String(i).padStart(32)))),
      1,
      0,
    );
    expect(tick(0).map((line) => line.split(",").length)).toEqual([100, 100, 50]);
  });
});
