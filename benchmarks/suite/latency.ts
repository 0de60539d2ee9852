/** Commit latency of single transactions, by the tool's own client: open loop, due → commit seen. */

import type { Network } from "../../src/contracts/deployment.ts";
import type { LatencySummary } from "../../src/contracts/results/latency.ts";
import { systemClock } from "../../src/core/clock.ts";
import { runClient } from "../../src/load/client/client.ts";
import { summarizeLatency } from "../../src/metrics/stats/latency-record.ts";
import { committedTotal } from "../../src/metrics/stats/ledger.ts";
import { sharedProtocol } from "./contenders.ts";

export interface LatencyOptions {
  readonly rateTps: number;
  readonly transactionSizeBytes: number;
  readonly windowSecs: number;
  /** Nodes that are sent to and observed: the first so many. */
  readonly nodes: number;
  readonly run: number;
  readonly signal: AbortSignal;
}

export interface LatencyResult {
  readonly commit: LatencySummary;
  readonly lateness: LatencySummary;
  /** Committed of those that were due in the window, 0 to 1. */
  readonly successRatio: number;
  /** Committed in all, those of the warm-up included. */
  readonly committed: number;
}

const warmUpMs = 2_000;

/** Puts a load on a ready network for `windowSecs`, and says when what was due in it was seen committed. */
export async function measureLatency(network: Network, options: LatencyOptions): Promise<LatencyResult> {
  const { rateTps, windowSecs } = options;
  let committed = 0;
  const report = await runClient(
    {
      ...options,
      client: 0,
      share: { index: 0, of: 1 },
      transport: { kind: "undici", inFlightPerConnection: 1, batchSize: 1 },
      pacing: "eco",
      seed: options.run,
      targets: network.nodes
        .slice(0, options.nodes)
        .map(({ name }) => ({ node: name, rpc: network.endpoint(name, "coordinator", "rpc") })),
      arrival: "constant",
      warmUpMs,
      windowTransactions: rateTps * windowSecs,
      windowMs: windowSecs * 1000,
      drainMs: 20_000,
      requestTimeoutMs: 10_000,
      maxInFlight: 2_000,
      queueLimit: 10_000,
      lateAfterMs: 2,
      failover: false,
      segments: [],
    },
    sharedProtocol,
    {
      clock: systemClock,
      signal: options.signal,
      emit: (event) => {
        if (event.type === "load-second") committed += event.committed;
      },
    },
  );
  const { ledger, latency, agreement, observerFailures } = report;
  const forks = agreement?.forks ?? [];
  if (latency.commit === undefined || forks.length > 0 || observerFailures.length > 0) {
    throw new Error(
      `The latency run does not count: ${JSON.stringify({ forks, observerFailures })}. Run it again.`,
    );
  }
  return {
    commit: summarizeLatency(latency.commit),
    lateness: summarizeLatency(report.lateness),
    successRatio: committedTotal(ledger) / ledger.scheduled,
    committed,
  };
}
