import { expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { EchoRun } from "../../../src/shaper/probe/echo-run.ts";

const plan = { pairs: 3, packets: 50, perSecond: 1000, waitMs: 100 };
const open = (parts: Partial<typeof plan> = {}) => new EchoRun({ ...plan, ...parts }, systemClock);

test("each pair sends its packets, and a second copy counts for nothing", async () => {
  const run = open();
  const results = await run.run((pair, seq) => {
    run.receive(pair, seq, pair + 1);
    run.receive(pair, seq, 99);
    return true;
  });
  expect(results.map(({ sent, received }) => ({ sent, received }))).toEqual(
    Array.from({ length: 3 }, () => ({ sent: 50, received: 50 })),
  );
  expect(new Set(results[2]?.delaysMs)).toEqual(new Set([3]));
});

test("packets that are lost are waited for, not for ever", async () => {
  const run = open({ pairs: 1 });
  const [result] = await run.run((_, seq) => {
    if (seq % 2 === 0) run.receive(0, seq, 1);
    return true;
  });
  expect(result).toMatchObject({ sent: 50, received: 25 });
});

test("a packet for which there is no room is sent later", async () => {
  const run = open({ pairs: 1 });
  let calls = 0;
  const [result] = await run.run((_, seq) => {
    if (++calls % 3 === 0) return false;
    run.receive(0, seq, 1);
    return true;
  });
  expect(result).toMatchObject({ sent: 50, received: 50 });
  expect(calls).toBeGreaterThan(50);
});

test("what was never sent is no packet", () => {
  const run = open({ pairs: 1 });
  run.receive(1, 0, 1);
  run.receive(0, 50, 1);
  run.receive(0, -1, 1);
});
