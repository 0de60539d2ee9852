import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { until } from "../../src/core/async.ts";
import { someOf } from "../support/some-of.ts";
import { call, heightOf, openProcesses, type Running, reach } from "../validator/processes.ts";
import { scrape, sumOf } from "../validator/prometheus.ts";

interface Status {
  readonly sync_info: { readonly earliest_block_height: string; readonly catching_up: boolean };
}

async function blockAt(node: Running, height: number): Promise<unknown> {
  return (await call(node, "block", { height: String(height) })).block_id;
}

const earliestHeight = async (node: Running) =>
  Number(((await call(node, "status")) as unknown as Status).sync_info.earliest_block_height);

someOf(
  [
    ["whose log was wiped", true],
    ["that was away for longer than its peers keep their logs", false],
  ],
  1,
)("a validator %s starts from the state of its peers, and takes part again", async (_, isWiped) => {
  await using committee = await openProcesses(4, { checkpointIntervalHeights: 20, minRoundDelayMs: 10 });
  // So that logs are dropped within seconds.
  const flags = ["--retain-heights", "40"];
  const [first, second, third, victim] = [0, 1, 2, 3].map((authority) => committee.start(authority, flags));
  if (!first || !second || !third || !victim) throw new Error("a committee of four");
  const survivors = [first, second, third];
  await reach([...survivors, victim], 30);
  victim.child.kill("SIGKILL");
  await once(victim.child, "exit");
  if (isWiped) await rm(join(victim.home.folder, "log"), { recursive: true });
  const gone = await heightOf(first);
  await reach(survivors, gone + 200);

  const back = committee.start(3, flags);
  const nodes = [...survivors, back];
  await reach(nodes, gone + 300);
  expect(back.output()).toContain("started from a state of the peers");
  const earliest = await earliestHeight(back);
  expect(earliest).toBeGreaterThan(gone + 1);

  // It takes part: what it is given is committed, at the same place everywhere.
  const tx = Buffer.from("after the state").toString("base64");
  const { height } = (await call(back, "broadcast_tx_commit", { tx })) as { height: string };
  await reach(nodes, Number(height));
  const at = Math.max(earliest, Number(height) - 10);
  for (let each = at; each <= Number(height); each++) {
    const ids = await Promise.all(nodes.map((node) => blockAt(node, each)));
    expect(ids).toEqual(ids.map(() => ids[0]));
  }
  const total = async ({ home }: Running, name: string) => sumOf(await scrape(home.config.metrics), name);
  expect(await total(back, "mysticeti_state_syncs_total")).toBeGreaterThanOrEqual(1);
  for (const node of survivors) expect(await total(node, "equivocations_total")).toBe(0);

  // And it starts again from its own log alone.
  back.child.kill("SIGKILL");
  await once(back.child, "exit");
  const again = committee.start(3, flags);
  await until(async () => ((await heightOf(again).catch(() => 0)) > Number(height) ? true : undefined), {
    timeoutMs: 20_000,
    everyMs: 50,
    describe: () => `it did not go on: ${again.output()}`,
  });
  expect(await heightOf(again)).toBeGreaterThan(Number(height));
});
