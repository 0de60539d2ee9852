/** Messages among peers, by peers whose every deed is known. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openValidator } from "../results/schemas.ts";
import { describeScriptedPeers } from "../support/scripted-peers.ts";
import { openSetting } from "./setting.ts";

const names = ["node0", "node1", "node2"];
const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => [from, to] as const));
const delaysMs = Object.fromEntries(pairs.map(([from, to], index) => [`${from}>${to}`, 20 + index * 15]));
const script = {
  delaysMs,
  clockAheadMs: { node2: 80 },
  dropped: [7, 40, 73],
  late: [21, 66],
  doubled: [50],
};

interface Told {
  readonly node: string;
  readonly type: string;
  readonly due: number;
  readonly id: string;
}

test("what scripted peers drop, delay, double and tell by a wrong clock is found, all of it", async () => {
  await using setting = await openSetting();
  const file = await describeScriptedPeers(setting.home, script);
  const args = [`--protocol=${file}`, "--runtime=process", "--committee=3", "--loads=60", "--duration=8"];
  const { code, stdout } = await setting.start("benchmark", [...args, "--warm-up=1", "--drain=3"]).ended;
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^BENCHMARK RESULT #1 \(messages among peers/m)]);
  expect(stdout).toMatch(/^ {2}Deliveries: \d+ of \d+, \d+ missing, 0 with a peer that was down$/m);

  const bundle = await setting.bundle();
  const path = join(bundle, "local_native_1_60txs.json");
  const run = JSON.parse(await readFile(path, "utf8"));
  expect((await openValidator("native-run"))(run)).toEqual([]);
  const { messages } = run.results;
  // What the peers did, by the numbers of the messages that were due in the window.
  const told = (await readFile(join(bundle, "peer-events-1.ndjson"), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Told);
  const offsetMs = (name: string) => (name === "node2" ? messages.peers[2].clock_offset_ms : 0);
  const startMs = Date.parse(run.timestamp);
  const written = told.filter(({ type, due, node }) => {
    const ms = due - offsetMs(node) - startMs;
    return type === "write" && ms >= 0 && ms < 8000;
  });
  const among = (places: readonly number[]) =>
    written.filter(({ id }) => places.includes(Number(id.split("-")[1]) % 100)).length * 2;
  expect(messages.written).toBe(written.length);
  expect(messages.deliveries.missing).toBe(among(script.dropped));
  expect(messages.stale).toBe(among(script.late));
  // Doubles are counted for the whole run.
  const doubled = told.filter(
    ({ type, node, id }, index) =>
      type === "read" &&
      told.findIndex((one) => one.type === "read" && one.node === node && one.id === id) < index,
  );
  expect(messages.doubled).toBe(doubled.length);
  expect(doubled.length).toBeGreaterThan(0);

  const [first, , ahead] = messages.peers;
  expect(first).toMatchObject({ clock_offset_ms: 0, clock_error_ms: 0, flavour: "scripted", connections: 2 });
  expect(Math.abs(ahead.clock_offset_ms - 80)).toBeLessThanOrEqual(ahead.clock_error_ms);
  expect(ahead.clock_error_ms).toBeLessThan(5);
  for (const [from, to] of pairs) {
    const pair = messages.pairs.find(
      (one: { from: string; to: string }) => one.from === from && one.to === to,
    );
    expect(Math.abs(pair.p50_ms - (delaysMs[`${from}>${to}`] ?? 0))).toBeLessThan(5);
  }

  const verify = () => setting.start("baleen", ["verify", bundle]).ended;
  const sound = await verify();
  expect([sound.code, sound.code === 0 ? "" : sound.stdout]).toEqual([0, ""]);
  await writeFile(path, (await readFile(path, "utf8")).replace(/"missing": \d+/, '"missing": 1'));
  const found = await verify();
  expect([found.code, found.stdout]).toEqual([3, expect.stringMatching(/results/)]);
});
