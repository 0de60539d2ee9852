/** `baleen mesh`: embedded peers, killed and cut off, by their own events. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer } from "../../src/server/http/server.ts";
import { openValidator } from "../results/schemas.ts";
import { openSetting, type Setting } from "./setting.ts";

const readRun = async (setting: Setting, load: number) => {
  const bundle = await setting.bundle();
  const text = await readFile(join(bundle, `local_native_1_${load}txs.json`), "utf8");
  const run = JSON.parse(text);
  expect((await openValidator("native-run"))(run)).toEqual([]);
  return { bundle, run, messages: run.results.messages };
};

test("every peer reads what every other one writes, also after it was killed; events come from the store", async () => {
  await using setting = await openSetting();
  const timeline = join(setting.home, "timeline.yaml");
  await writeFile(timeline, "- { at: 2s, for: 2s, crash: node0 }\n");
  const args = ["--peers=3", "--loads=12", "--duration=8", "--warm-up=1", `--preset=${timeline}`];
  // Of the first peer that is up, Baleen asks for the events of all: it has to ask another one.
  const store = "--protocol-option=eventsIn=store";
  const { code, stdout, stderr } = await setting.start("baleen", ["mesh", ...args, store]).ended;
  expect([code, stderr.match(/^(error|warning).*/gm)]).toEqual([0, null]);
  expect(stdout).toMatch(/^AVAILABILITY:$/m);
  const { bundle, run, messages } = await readRun(setting, 12);
  expect(run.verdict.status).not.toBe("invalid");
  const { expected, delivered, missing, peer_down: peerDown } = messages.deliveries;
  expect([expected, delivered + missing, peerDown]).toEqual([messages.written * 2, messages.written * 2, 0]);
  expect(messages.pairs).toHaveLength(6);
  for (const pair of messages.pairs) {
    // The store writes to disk every 100 ms: a message that node0 took just before it was killed may die with it.
    const mostMissing = pair.from === "node0" ? 1 : 0;
    expect(pair.missing).toBeLessThanOrEqual(mostMissing);
  }
  const plans = new Set(messages.peers.map(({ plan }: { plan: string }) => plan));
  expect([...plans]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  expect(messages.peers[0]).toMatchObject({ flavour: "release", connections: 2, clock_offset_ms: 0 });
  const back = messages.resyncs.find(({ cause }: { cause: string }) => cause === "crash");
  expect(back).toMatchObject({ node: "node0", resync_ms: expect.any(Number) });
  expect(back.behind).toBeGreaterThan(0);
  // The two that lived wrote on all the while.
  const writes = messages.availability.find(({ op }: { op: string }) => op === "write");
  expect(writes.availability_percent).toBe(100);
  const page = await readFile(join(bundle, "report.html"), "utf8");
  for (const title of ["Median latency from peer to peer, ms", "Availability", "Resynchronization"]) {
    expect(page).toContain(title);
  }
  const sound = await setting.start("baleen", ["verify", bundle]).ended;
  expect([sound.code, sound.code === 0 ? "" : sound.stdout]).toEqual([0, ""]);
  await setting.expectNothingLeft();
});

test("a topology is held to by the peers themselves, whose events go to a sink", {
  tags: "full",
}, async () => {
  await using setting = await openSetting();
  const eventsDir = join(setting.home, "events");
  const listen = { port: 0, listen: "127.0.0.1", version: "0" };
  await using server = await startServer({ outputDir: setting.home, eventsDir, ...listen });
  const sink = `--protocol-option=sink=${new URL(server.url).origin}`;
  const args = ["--peers=4", "--loads=8", "--duration=4", "--warm-up=1", "--topology=star", sink];
  const { code, stdout } = await setting.start("baleen", ["mesh", ...args]).ended;
  expect([code, stdout]).toEqual([0, expect.not.stringMatching(/^LINKS/m)]);
  const { messages } = await readRun(setting, 8);
  const connections = messages.peers.map(
    ({ connections: found, expected_connections: expected }: Record<string, number>) => [found, expected],
  );
  expect(connections).toEqual([
    [3, 3],
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
  // Through the centre, all of it comes to all.
  expect(messages.deliveries).toMatchObject({ missing: 0 });
  expect(messages.deliveries.delivered).toBe(messages.written * 3);
  expect(await readdir(eventsDir)).toEqual(
    [0, 1, 2, 3].map((node) => expect.stringMatching(new RegExp(`^node${node}-\\w+\\.ndjson$`))),
  );
});

test("a sink that nobody reaches is named before anything is measured", async () => {
  await using setting = await openSetting();
  const sink = "http://127.0.0.1:9";
  const args = ["--peers=2", "--duration=4", "--startup-wait=3", `--protocol-option=sink=${sink}`];
  const { code, stderr } = await setting.start("baleen", ["mesh", ...args]).ended;
  expect([code, stderr]).toEqual([1, expect.stringContaining(`it waits for the sink of events, ${sink}`)]);
  await setting.expectNothingLeft();
});
