import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { compare, openCommittee, placesOf, reach } from "./committee.ts";

const yearMs = 365 * 24 * 3600 * 1000;

test.each([
  ["of one years ahead, of another years back", [10 * yearMs, -10 * yearMs, 0, 0]],
  ["of all years back", [-10 * yearMs, -10 * yearMs, -10 * yearMs, -10 * yearMs]],
  ["of one beyond what a block can say, of another below", [9e15, -9e15, 0, 0]],
])("clocks that jump, %s, stop nothing, and heights keep their order in time", async (_, jumps) => {
  const offsets = [0, 0, 0, 0];
  await using committee = await openCommittee(4, (authority) => ({
    ...systemClock,
    wallMs: () => systemClock.wallMs() + (offsets[authority] ?? 0),
  }));
  const nodes = await committee.startAll([0, 1, 2, 3]);
  await reach(nodes, 20);
  jumps.forEach((jump, authority) => {
    offsets[authority] = jump;
  });
  await reach(nodes, Math.max(...nodes.map((node) => node.chain.height())) + 30);
  offsets.fill(0);
  nodes.forEach((node, i) => {
    expect(node.chain.submit(Buffer.from(`after ${i}`)).accepted).toBe(true);
  });
  await reach(nodes, Math.max(...nodes.map((node) => node.chain.height())) + 30);
  expect(compare(nodes).different).toEqual([]);
  for (const node of nodes) {
    expect(node.failures).toEqual([]);
    expect(node.log.filter((line) => line.startsWith("warn"))).toEqual([]);
    expect(placesOf(node).size).toBe(4);
    const times = [...node.blocks.values()].sort((a, b) => a.height - b.height).map(({ timeMs }) => timeMs);
    expect(times.every((timeMs, i) => i === 0 || timeMs > (times[i - 1] ?? 0))).toBe(true);
  }
});
