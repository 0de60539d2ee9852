import fc from "fast-check";
import { expect, test } from "vitest";
import { DueHeap } from "../../../src/shaper/link/due-heap.ts";

const take = (heap: DueHeap) => {
  const first = [heap.firstDueMs, heap.firstPacket, heap.firstTarget];
  heap.removeFirst();
  return first;
};

test("packets come by due time, those of one moment in their order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 3000 }), (dues) => {
      const heap = new DueHeap();
      for (const [at, due] of dues.entries()) heap.add(due, at, at % 7);
      const expected = dues.map((due, at) => [due, at, at % 7]).sort((a, b) => Number(a[0]) - Number(b[0]));
      expect(dues.map(() => take(heap))).toEqual(expected);
      expect(heap.firstDueMs).toBe(Infinity);
    }),
    { numRuns: 30 },
  );
});

test("it can be filled again while it is emptied", () => {
  const heap = new DueHeap();
  const seen: number[] = [];
  for (let at = 0; at < 5000; at++) {
    heap.add(at + ((at * 7919) % 13), at, 1);
    if (at % 3 === 2) seen.push(take(heap)[0] as number);
  }
  while (heap.size > 0) seen.push(take(heap)[0] as number);
  expect(seen).toHaveLength(5000);
  expect(seen.slice(1700)).toEqual(seen.slice(1700).sort((a, b) => a - b));
});

test("all of one target are taken out, and the rest keeps its order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 500 }), (dues) => {
      const heap = new DueHeap();
      for (const [at, due] of dues.entries()) heap.add(due, at, at % 3);
      const taken: number[] = [];
      heap.removeTarget(1, (packet) => taken.push(packet));
      expect(taken.sort((a, b) => a - b)).toEqual([...dues.keys()].filter((at) => at % 3 === 1));
      const rest = [...dues.entries()].filter(([at]) => at % 3 !== 1).sort((a, b) => a[1] - b[1]);
      expect(rest.map(() => take(heap))).toEqual(rest.map(([at, due]) => [due, at, at % 3]));
    }),
    { numRuns: 50 },
  );
});
