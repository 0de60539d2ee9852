/** Every way to the nodes' RPC, with a real committee as processes. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { transportKinds } from "../../src/contracts/load/transport.ts";
import { openValidator } from "../results/schemas.ts";
import { someOf } from "../support/some-of.ts";
import { openSetting } from "./setting.ts";

interface RunFile {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly ledger: unknown;
}

/** What each is asked for besides its name. */
const more: Readonly<Record<string, readonly string[]>> = {
  http: ["--in-flight-per-connection=2"],
  "http-batch": ["--in-flight-per-connection=2", "--batch-size=5"],
  websocket: ["--in-flight-per-connection=8"],
};

/** Those that are written most apart from each other come first. */
const kinds = transportKinds.toSorted((a, b) => Number(b === "websocket") - Number(a === "websocket"));
someOf(
  kinds.map((kind) => [kind] as const),
  2,
)("%s: the very transactions of the schedule are acknowledged and commit", async (kind) => {
  await using setting = await openSetting();
  const args = [
    "--loads=100",
    "--num-transactions=300",
    "--warm-up=1",
    `--transport=${kind}`,
    ...(more[kind] ?? []),
  ];
  const { code, stdout, stderr } = await setting.start("benchmark", args).ended;
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain(`\n  Transport: ${kind}`);
  const text = await readFile(join(await setting.bundle(), "local_benchmark_1_100txs.json"), "utf8");
  const run = JSON.parse(text) as RunFile;
  expect((await openValidator("run"))(run)).toEqual([]);
  expect(run.parameters).toMatchObject({
    transport: kind,
    in_flight_per_connection: kind === "undici" ? 1 : kind === "websocket" ? 8 : 2,
    batch_size: kind === "http-batch" ? 5 : 1,
  });
  // The same ledger whatever the way.
  const none = { committed: 0, not_seen: 0 };
  expect(run.ledger).toMatchObject({
    scheduled: 300,
    unsent: { dropped: 0, cut: 0 },
    sent: {
      acknowledged: { committed: 300, not_seen: 0 },
      rejected: none,
      timed_out: none,
      connection_failed: none,
    },
    duplicate_commits: 0,
    unknown_commits: 0,
  });
});

test("a transport is not asked for what another one has", async () => {
  await using setting = await openSetting();
  const args = ["--transport=websocket", "--batch-size=5"];
  const { code, stderr } = await setting.start("benchmark", args).ended;
  expect(code).toBe(2);
  expect(stderr).toContain("--batch-size: the transport websocket sends each transaction by itself.");
});
