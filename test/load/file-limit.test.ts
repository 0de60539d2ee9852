import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Ledger } from "../../src/contracts/results/latency.ts";
import { ledgerImbalance } from "../../src/metrics/stats/ledger.ts";
import type { Behaviour } from "../stand-in/config.ts";
import { startNodes } from "./setting.ts";

const client = fileURLToPath(new URL("limited-client.ts", import.meta.url));

test("too many open files: the transactions are counted under that reason, and the run goes on", async () => {
  const quick: Behaviour = { replyDelayMs: 5, commit: { kind: "after", ms: 20 } };
  await using nodes = await startNodes([quick, { ...quick, neverAnswerEvery: 1, neverCommitEvery: 1 }]);
  const limited = 'ulimit -n "$1" && shift && exec "$@"';
  const ports = nodes.targets.map(({ rpc }) => String(rpc.port));
  const { stdout } = await promisify(execFile)("sh", [
    "-c",
    limited,
    "sh",
    "64",
    process.execPath,
    client,
    ...ports,
  ]);
  const { ledger, rejections } = JSON.parse(stdout) as { ledger: Ledger; rejections: [string, number][] };
  expect(ledgerImbalance(ledger)).toBeUndefined();
  // The quick node goes on over the connections that it has; it may fail only where it would need a further one.
  expect(ledger.sent.acknowledged.committed).toBeGreaterThan(20);
  expect(ledger.sent.connectionFailed.notSeen).toBeGreaterThan(20);
  expect(rejections).toEqual([["connection failed: EMFILE", ledger.sent.connectionFailed.notSeen]]);
});
