/**
 * Drives one server by the tool's own clients: `node drive-child.ts JSON`, of a Drive. Each client has a thread; a
 * single one has this one. Prints a line of JSON: a DriveReport of each.
 */

import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { LatencySummary } from "../../../src/contracts/results/latency.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { runClient } from "../../../src/load/client/client.ts";
import type { ClientPlan, ClientReport } from "../../../src/load/plan/client-plan.ts";
import { openTransport } from "../../../src/load/transport/open-transport.ts";
import { mostAhead } from "../../../src/load/transport/transport.ts";
import { summarizeLatency } from "../../../src/metrics/stats/latency-record.ts";
import { acknowledgedTotal, sentTotal } from "../../../src/metrics/stats/ledger.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";
import type { Drive, DriveQuantiles, DriveReport } from "../drive.ts";

/** What a closed loop's memory is made for. */
const mostTps = 2_000_000;

const transactionSizeBytes = 512;
const drainMs = 10_000;
const requestTimeoutMs = 10_000;
/** Of all clients together: longer than a sink is stopped. */
const queuedSecs = 2;

/** In a closed loop the next transaction is due when one has ended. */
type DrivenPlan = ClientPlan & { readonly closedLoop?: { readonly inFlight: number } };

function planOf(drive: Drive, client: number): DrivenPlan {
  const { port, transport, connections, inFlight, batch, clients, pacing, warmUpSecs, seconds } = drive;
  // Of this client: connections are its own.
  const mostUnderWay = connections * inFlight * (transport === "http-batch" ? batch : 1);
  const isClosed = drive.rateTps === "most";
  const rateTps = drive.rateTps === "most" ? mostTps : drive.rateTps;
  return {
    run: 1,
    client,
    share: { index: client, of: clients },
    seed: 1,
    targets: [{ node: "sink", rpc: { host: "127.0.0.1", port } }],
    transport: { kind: transport, inFlightPerConnection: inFlight, batchSize: batch },
    rateTps,
    arrival: "constant",
    pacing,
    transactionSizeBytes,
    warmUpMs: warmUpSecs * 1000,
    windowTransactions: isClosed ? 0 : Math.round(rateTps * seconds),
    windowMs: seconds * 1000,
    drainMs,
    requestTimeoutMs,
    maxInFlight: mostUnderWay,
    queueLimit: isClosed ? mostUnderWay : Math.ceil(rateTps * queuedSecs),
    lateAfterMs: 2,
    failover: false,
    segments: [],
    ...(isClosed ? { closedLoop: { inFlight: mostUnderWay * clients } } : {}),
  };
}

async function drive(wanted: Drive, client: number): Promise<DriveReport> {
  // Without commits to observe, a transaction ends with its reply.
  const protocol = { transactions: mysticeti.transactions, submission: mysticeti.submission };
  const { signal } = new AbortController();
  const { connections, collectEverySecs } = wanted;
  if (collectEverySecs !== undefined) setInterval(() => gc?.(), collectEverySecs * 1000).unref();
  const report = await runClient(planOf(wanted, client), protocol, {
    clock: systemClock,
    emit: () => {},
    signal,
    // As many as were asked for: a client would open more for batches, which may each hold a single transaction.
    openTransport: (request) =>
      openTransport({ ...request, connections, connectionsAhead: Math.min(connections, mostAhead) }),
  });
  return reportOf(report);
}

function reportOf({ ledger, latency, lateness, rejections }: ClientReport): DriveReport {
  const acknowledged = acknowledgedTotal(ledger);
  return {
    scheduled: ledger.scheduled,
    acknowledged,
    dropped: ledger.unsent.dropped + ledger.unsent.cut,
    failed: sentTotal(ledger) - acknowledged,
    responseMs: quantiles(latency.response === undefined ? undefined : summarizeLatency(latency.response)),
    latenessMs: quantiles(summarizeLatency(lateness)),
    rejections: Object.fromEntries(rejections),
  };
}

function quantiles(summary: LatencySummary | undefined): DriveQuantiles {
  const { count, p50, p99, p999, maxMs } = summary ?? { count: 0 };
  return { count, p50: p50?.ms, p99: p99?.ms, p999: p999?.ms, max: maxMs };
}

interface Task {
  readonly wanted: Drive;
  readonly client: number;
}

async function driveInThread(wanted: Drive, client: number): Promise<DriveReport> {
  const task: Task = { wanted, client };
  const worker = new Worker(new URL(import.meta.url), { workerData: task });
  const [report] = (await once(worker, "message")) as [DriveReport];
  return report;
}

if (isMainThread) {
  const wanted = JSON.parse(process.argv[2] ?? "") as Drive;
  const reports =
    wanted.clients === 1
      ? [await drive(wanted, 0)]
      : await Promise.all(
          Array.from({ length: wanted.clients }, (_, client) => driveInThread(wanted, client)),
        );
  process.stdout.write(`${JSON.stringify(reports)}\n`);
} else {
  const { wanted, client } = workerData as Task;
  parentPort?.postMessage(await drive(wanted, client));
}
