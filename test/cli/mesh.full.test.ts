/** `baleen mesh` at length: a peer that joins late, and events that Baleen asks each peer for after a crash. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSetting } from "./setting.ts";

async function run(...args: readonly string[]) {
  await using setting = await openSetting();
  await writeFile(join(setting.home, "timeline.yaml"), "- { at: 2s, for: 2s, crash: node0 }\n");
  const { code } = await setting.start("baleen", ["mesh", "--loads=12", "--warm-up=1", ...args]).ended;
  const bundle = await setting.bundle();
  const result = JSON.parse(await readFile(join(bundle, "local_native_1_12txs.json"), "utf8"));
  expect([code, result.verdict.reasons]).toEqual([0, []]);
  const verified = await setting.start("baleen", ["verify", bundle]).ended;
  expect([verified.code, verified.code === 0 ? "" : verified.stdout]).toEqual([0, ""]);
  const { messages } = result.results;
  expect(messages.deliveries).toMatchObject({ missing: 0, peer_down: 0 });
  expect(messages.deliveries.delivered).toBe(messages.written * (messages.peers.length - 1));
  return messages;
}

test("a peer that joins late catches up with all that was written before", async () => {
  const messages = await run("--peers=4", "--duration=10", "--protocol-option=lateJoinSecs=13");
  const [joined] = messages.resyncs;
  expect(joined).toMatchObject({ node: "node3", cause: "join", resync_ms: expect.any(Number) });
  expect(joined.behind).toBeGreaterThan(0);
  expect(messages.peers.map(({ joined_secs: secs }: { joined_secs?: number }) => secs)).toEqual([
    ...[undefined, undefined, undefined],
    joined.to_secs,
  ]);
});

test("a peer that was killed is asked for the events of both its lives", async () => {
  const messages = await run("--peers=3", "--duration=8", "--preset=timeline.yaml");
  expect(messages.resyncs.find(({ cause }: { cause: string }) => cause === "crash")).toMatchObject({
    node: "node0",
  });
});
