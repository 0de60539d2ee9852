import type { ChildProcess } from "node:child_process";
import { describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { summarizeLatency } from "../../src/metrics/stats/latency-record.ts";
import { planFor, run, timed } from "../load/setting.ts";
import { startProcess, untilGrowing } from "./process.ts";

function exited(child: ChildProcess) {
  return child.exitCode ?? child.signalCode ?? undefined;
}

describe("a stand-in as a process of its own", () => {
  test("becomes ready, yields its known latencies, and ends with its parent", timed, async () => {
    await using node = await startProcess({ replyDelayMs: 25, commit: { kind: "after", ms: 80 } });
    const { rpc, child } = node;
    const health = await untilGrowing(node);
    expect(health.peers).toBe(0);
    const { report } = await run(planFor([{ node: "node0", rpc }]));
    if (report.latency.commit === undefined || report.latency.response === undefined)
      throw new Error("no latency");
    const [commit, response] = [
      summarizeLatency(report.latency.commit),
      summarizeLatency(report.latency.response),
    ];
    expect([commit.count, commit.censored]).toEqual([200, 0]);
    expect(Math.abs((commit.p50?.ms ?? 0) - 80)).toBeLessThan(5);
    expect(Math.abs((response.p50?.ms ?? 0) - 25)).toBeLessThan(5);
    child.stdin?.end();
    await until(() => exited(child), {
      timeoutMs: 5000,
      everyMs: 20,
      describe: () => "it outlived its parent",
    });
    expect(child.exitCode).toBe(0);
  });
});
