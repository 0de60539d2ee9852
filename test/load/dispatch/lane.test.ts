import fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "../../../src/load/dispatch/lane.ts";

test("a Fifo gives back what was put in, in order, through any mix of pushes and shifts", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -900, max: 1000 }), { maxLength: 30 }), (steps) => {
      const fifo = new Fifo();
      const model: number[] = [];
      let next = 0;
      for (const step of steps) {
        for (let i = 0; i < step; i++) {
          fifo.push(next);
          model.push(next++);
        }
        for (let i = 0; i > step; i--) expect(fifo.shift()).toBe(model.shift());
        expect(fifo.length).toBe(model.length);
      }
    }),
  );
});
