/** The ledger of a benchmark, on node processes that do what a script says. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openValidator } from "../bundle/schemas.ts";
import { makeTemporaryFolder } from "../bundle/temporary-folder.ts";
import type { Behaviour } from "../stand-in/config.ts";
import { benchmark } from "./in-process.ts";

/** Of each 100: 5 are never committed, 3 rejected, 2 never answered (one of them committed), 1 committed twice. */
const lossy: Behaviour = {
  replyDelayMs: 1,
  commit: { kind: "after", ms: 20 },
  neverCommitEvery: 20,
  rejectEvery: { count: 3, of: 100 },
  neverAnswerEvery: 50,
  neverAnswerCommits: "half",
  duplicateEvery: 100,
};

const cells = `  Scheduled: 2000
  Sent: 2000
  Acknowledged, committed: 1800
  Acknowledged, commit not seen: 100
  Rejected, commit not seen: 60
  Timed out, committed: 20
  Timed out, commit not seen: 20
`;

const published = {
  scheduled: 2000,
  unsent: { dropped: 0, cut: 0 },
  sent: {
    acknowledged: { committed: 1800, not_seen: 100 },
    rejected: { committed: 0, not_seen: 60 },
    timed_out: { committed: 20, not_seen: 20 },
    connection_failed: { committed: 0, not_seen: 0 },
  },
  duplicate_commits: 20,
  unknown_commits: 0,
};

test("console, JSON and summary show 5 % dropped, 3 % rejected, 2 % unanswered and 1 % doubled in their cells", async () => {
  await using folder = await makeTemporaryFolder();
  const { code, stdout } = await benchmark(
    ["--loads=500", "--num-transactions=2000", "--warm-up=1", "--drain=5", "--request-timeout=2"],
    { folder: folder.path, behaviour: lossy },
  );
  expect(code).toBe(0);
  const benchmarks = join(folder.path, "benchmarks");
  const bundle = join(benchmarks, String((await readdir(benchmarks))[0]));
  for (const text of [stdout, await readFile(join(bundle, "summary.txt"), "utf8")]) {
    expect(text).toContain(cells);
    expect(text).toContain("\n    60 × code 7: refused by the script\n");
    expect(text).toContain("\n  Duplicate commits: 20\n");
    expect(text).not.toContain("unknown transactions");
    expect(text).not.toContain("DOES NOT BALANCE");
  }
  const run: unknown = JSON.parse(await readFile(join(bundle, "local_benchmark_1_500txs.json"), "utf8"));
  expect((await openValidator("run"))(run)).toEqual([]);
  expect(run).toMatchObject({
    ledger: published,
    results: {
      successful_transactions: 1820,
      failed_transactions: 180,
      latency: { commit: { count: 1820, censored: 180 } },
    },
  });
});
