/** Whole sweeps through the library, against nodes whose behaviour is known: what is reported must be just that. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  createProcessDeployer,
  defaultParameters,
  type EventBody,
  runSweep,
  type SweepParameters,
  systemClock,
} from "../../src/index.ts";
import { openBundle } from "../../src/results/bundle/open-bundle.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import type { Behaviour } from "../stand-in/config.ts";
import { buildStandInProtocol } from "../stand-in/protocol.ts";

const { localLoadsTps, remoteLoadsTps, consoleOutput, ...defaults } = defaultParameters;
const parameters: SweepParameters = {
  ...defaults,
  loadsTps: [200],
  durationSecs: 5,
  warmUpSecs: 1,
  drainSecs: 3,
  requestTimeoutSecs: 2,
  committee: 2,
};

async function sweep(
  behaviour: Behaviour | ((index: number) => Behaviour),
  changes: Partial<SweepParameters> = {},
) {
  await using folder = await makeTemporaryFolder();
  const events: EventBody[] = [];
  const clock = systemClock;
  await using bundle = await openBundle({
    outputDir: folder.path,
    networkType: "local",
    run: "0badcafe",
    clock,
  });
  const outcome = await runSweep(
    { ...parameters, ...changes },
    {
      protocol: buildStandInProtocol(behaviour),
      deployer: createProcessDeployer({
        nodeBinary: process.execPath,
        stateDir: join(folder.path, "state"),
        env: process.env,
      }),
      clientRuntime: { nodeBinary: process.execPath, env: process.env },
      emit: (body) => events.push(body),
      clock,
      signal: new AbortController().signal,
      run: "0badcafe",
      bundle,
    },
  );
  const files = await readdir(bundle.folder, { recursive: true });
  const runFile = files.find((name) => /_benchmark_1_/.test(name)) ?? "none";
  const published: unknown = JSON.parse(await readFile(join(bundle.folder, runFile), "utf8"));
  const [result] = outcome.results;
  if (result === undefined) throw new Error("no result");
  return { result, events, files, published };
}

describe("numbers of a node that does what is known", () => {
  test("known delays come out as those latencies, within 5 ms, and every count is exact", async () => {
    const { result, published } = await sweep({ replyDelayMs: 20, commit: { kind: "after", ms: 120 } });
    expect(result.verdict.status).not.toBe("invalid");
    expect(result.ledger).toMatchObject({
      scheduled: 1000,
      unsent: { dropped: 0, cut: 0 },
      sent: { acknowledged: { committed: 1000, notSeen: 0 } },
    });
    expect(Math.abs((result.latency.commit?.p50?.ms ?? 0) - 120)).toBeLessThan(5);
    expect(Math.abs((result.latency.commit?.meanMs ?? 0) - 120)).toBeLessThan(5);
    expect(Math.abs((result.latency.response?.p50?.ms ?? 0) - 20)).toBeLessThan(5);
    expect(result.efficiencyRatio).toBeGreaterThan(0.99);
    expect(result.efficiencyRatio).toBeLessThan(1.01);
    expect(published).toMatchObject({ results: { successful_transactions: 1000, failed_transactions: 0 } });
  });

  test("commits at a known cadence: latency is spread over one interval", async () => {
    const { result } = await sweep({ replyDelayMs: 0, commit: { kind: "every", ms: 200 } });
    // Arrivals are even over the interval, so the mean is half of it, and the spread that of a uniform distribution.
    expect(Math.abs((result.latency.commit?.meanMs ?? 0) - 100)).toBeLessThan(5);
    expect(Math.abs((result.latency.commit?.stdDevMs ?? 0) - 200 / Math.sqrt(12))).toBeLessThan(5);
    expect(result.successful).toBe(1000);
  });

  test("rejections, hang-ups and lost commits stand in the ledger to the last one", async () => {
    const { result } = await sweep({
      replyDelayMs: 5,
      commit: { kind: "after", ms: 50 },
      rejectEvery: 10,
      hangUpEvery: 20,
      neverCommitEvery: 50,
    });
    const { ledger } = result;
    expect(ledger.scheduled).toBe(1000);
    expect(ledger.sent.rejected).toEqual({ committed: 0, notSeen: 100 });
    expect(ledger.sent.connectionFailed).toEqual({ committed: 0, notSeen: 50 });
    expect(ledger.sent.acknowledged).toEqual({ committed: 830, notSeen: 20 });
    expect(result.failed).toBe(170);
    expect(result.latency.commit?.censored).toBe(170);
    // 170 of 1,000 were never seen: the 90th percentile is one of them, the median is not.
    expect(result.latency.commit?.p90?.atLeast).toBe(true);
    expect(result.verdict.status).not.toBe("invalid");
  });

  test("a load of 600 tx/s is sent at 600, and 1,000 transactions are 1,000", async () => {
    const { result, events } = await sweep(
      { replyDelayMs: 0, commit: { kind: "after", ms: 20 } },
      { loadsTps: [600], numTransactions: 1000 },
    );
    expect(result.ledger.scheduled).toBe(1000);
    expect(result.parameters.durationSecs).toBeCloseTo(1000 / 600, 9);
    const full = events.filter((event) => event.type === "load-second" && event.second === 0);
    expect(full).toMatchObject([{ due: 600 }]);
  });

  test("nodes that show different blocks at one height make the run invalid", async () => {
    const honest: Behaviour = { replyDelayMs: 0, commit: { kind: "every", ms: 50 } };
    const { result } = await sweep((index) => (index === 1 ? { ...honest, forkAtHeight: 100 } : honest));
    expect(result.verdict.status).toBe("invalid");
    expect(result.verdict.reasons.join()).toContain("disagree on the committed prefix at height 100");
  });

  test("the bundle holds the run, its histograms, its nodes' logs, and every event", async () => {
    const { files } = await sweep(
      { replyDelayMs: 0, commit: { kind: "after", ms: 20 } },
      { durationSecs: 1 },
    );
    expect(files).toEqual(
      expect.arrayContaining([
        "local_benchmark_1_200txs.json",
        join("histograms", "1-commit.hlog"),
        join("logs", "1-node0.log"),
        join("logs", "1-node1.log"),
        "environment.json",
        "events.ndjson",
        "timeseries.csv",
      ]),
    );
  });
});
