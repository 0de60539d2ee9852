import fc from "fast-check";
import { expect, test } from "vitest";
import { LeastBusy } from "../../../../src/load/transport/pool/least-busy.ts";

test("the least busy connection is found whatever happens to them", () => {
  const places = fc.array(fc.tuple(fc.nat(6), fc.oneof(fc.nat(5), fc.constant(Number.POSITIVE_INFINITY))));
  fc.assert(
    fc.property(places, (moves) => {
      const most = 4;
      const busy = new LeastBusy(7, most);
      const loads = new Map<number, number>();
      for (const [connection, load] of moves) {
        busy.place(connection, load);
        loads.set(connection, load);
        const usable = [...loads.values()].filter((one) => one < most);
        const found = busy.least();
        expect(found === undefined ? undefined : loads.get(found)).toBe(
          usable.length === 0 ? undefined : Math.min(...usable),
        );
        expect(busy.hasIdle).toBe(usable.includes(0));
        if (usable.length === 0) continue;
        const [least = 0, second = most] = usable.toSorted((a, b) => a - b);
        expect(busy.lead(3)).toBe(Math.max(1, Math.min(3, second - least, most - least)));
      }
    }),
  );
});

test("of equals the one that was used last, so that few connections do the work of a low load", () => {
  const busy = new LeastBusy(3, 2);
  for (const connection of [0, 1, 2]) busy.place(connection, 0);
  expect(busy.least()).toBe(2);
  busy.place(2, 1);
  expect(busy.least()).toBe(1);
  busy.place(2, 0);
  expect(busy.least()).toBe(2);
});
