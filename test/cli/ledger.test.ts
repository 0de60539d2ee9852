/** The ledger of a benchmark, on node processes that do what a script says. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openValidator } from "../results/schemas.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
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

const cells = `  Scheduled: 1000
  Sent: 1000
  Acknowledged, committed: 900
  Acknowledged, commit not seen: 50
  Rejected, commit not seen: 30
  Timed out, committed: 10
  Timed out, commit not seen: 10
`;

const published = {
  scheduled: 1000,
  unsent: { dropped: 0, cut: 0 },
  sent: {
    acknowledged: { committed: 900, not_seen: 50 },
    rejected: { committed: 0, not_seen: 30 },
    timed_out: { committed: 10, not_seen: 10 },
    connection_failed: { committed: 0, not_seen: 0 },
  },
  duplicate_commits: 10,
  unknown_commits: 0,
};

test("console, JSON and summary show 5 % dropped, 3 % rejected, 2 % unanswered and 1 % doubled in their cells", async () => {
  await using folder = await makeTemporaryFolder();
  const { code, stdout } = await benchmark(
    ["--loads=200", "--num-transactions=1000", "--warm-up=1", "--drain=8", "--request-timeout=6"],
    { folder: folder.path, behaviour: lossy },
  );
  expect(code).toBe(0);
  const benchmarks = join(folder.path, "benchmarks");
  const bundle = join(benchmarks, String((await readdir(benchmarks))[0]));
  for (const text of [stdout, await readFile(join(bundle, "summary.txt"), "utf8")]) {
    expect(text).toContain(cells);
    expect(text).toContain("\n    30 × code 7: refused by the script\n");
    expect(text).toContain("\n  Duplicate commits: 10\n");
    expect(text).not.toContain("unknown transactions");
    expect(text).not.toContain("DOES NOT BALANCE");
  }
  const run: unknown = JSON.parse(await readFile(join(bundle, "local_benchmark_1_200txs.json"), "utf8"));
  expect((await openValidator("run"))(run)).toEqual([]);
  expect(run).toMatchObject({
    ledger: published,
    results: {
      successful_transactions: 910,
      failed_transactions: 90,
      latency: { commit: { count: 910, censored: 90 } },
    },
  });
});
