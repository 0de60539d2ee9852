import { expect, test } from "vitest";
import { startNodes } from "../../setting.ts";
import { counts, drive } from "./driving.ts";

const quick = { replyDelayMs: 0, commit: { kind: "after", ms: 0 } } as const;

test.each([
  [1, 1],
  [8, 1],
  [1, 16],
  [3, 5],
])("%i connections with %i requests under way on each", async (connections, inFlightPerConnection) => {
  await using nodes = await startNodes([{ ...quick, replyDelayMs: 5, rejectEvery: 10 }]);
  const rpc = nodes.targets[0]?.rpc;
  if (rpc === undefined) throw new Error("no node");
  const { endings, notes, mostUnderWay } = await drive({
    rpc,
    count: 400,
    connections,
    inFlightPerConnection,
  });
  expect(counts(endings)).toEqual({ acknowledged: 360, "rejected: code 7: refused by the script": 40 });
  expect(endings.every((ending, i) => (ending === "acknowledged") === (i % 10 !== 1))).toBe(true);
  expect(mostUnderWay).toBe(connections * inFlightPerConnection);
  expect(notes).toEqual([]);
  expect(await nodes.nodes[0]?.connections()).toBeLessThanOrEqual(connections);
});
