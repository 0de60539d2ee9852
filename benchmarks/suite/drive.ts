/**
 * The tool's own client as a load generator: a process of its own that drives one server, without a benchmark around
 * it. The suite starts it pinned to its cores.
 */
import { join } from "node:path";
import type { TransportKind } from "../../src/contracts/load/transport.ts";
import type { PacingMode } from "../../src/load/plan/client-plan.ts";
import type { GeneratorCommand } from "./generator/throughput.ts";
import { steadyMemoryFlags } from "./slope.ts";

export interface Drive {
  readonly port: number;
  readonly transport: TransportKind;
  /** Of each client. */
  readonly connections: number;
  /** Requests (batches, messages) under way on each connection. */
  readonly inFlight: number;
  /** Transactions in each request of "http-batch". */
  readonly batch: number;
  /** Offered load of all clients together; "most": as many as keep all connections busy. */
  readonly rateTps: number | "most";
  readonly warmUpSecs: number;
  readonly seconds: number;
  /** Threads, each with its share of the load and with connections of its own. */
  readonly clients: number;
  readonly pacing: PacingMode;
  /** All garbage is collected so often, for who looks at what is left. Default: when V8 thinks fit. */
  readonly collectEverySecs?: number;
}

export const driveDefaults: Omit<Drive, "port" | "seconds"> = {
  transport: "http",
  connections: 4,
  inFlight: 64,
  batch: 1,
  rateTps: "most",
  warmUpSecs: 0,
  clients: 1,
  pacing: "precise",
};

/** What a drive prints at its end, for each client: what became of the transactions of its window, and how long it took. */
export interface DriveReport {
  readonly scheduled: number;
  readonly acknowledged: number;
  readonly dropped: number;
  /** All that ended otherwise: rejected, timed out, connection failed. */
  readonly failed: number;
  /** Due → reply, milliseconds. */
  readonly responseMs: DriveQuantiles;
  /** Due → handed to the transport, milliseconds. */
  readonly latenessMs: DriveQuantiles;
  readonly rejections: Readonly<Record<string, number>>;
}

export interface DriveQuantiles {
  readonly count: number;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly p999: number | undefined;
  readonly max: number | undefined;
}

const child = join(import.meta.dirname, "generator", "drive-child.ts");

export function driveOurs(drive: Drive): GeneratorCommand {
  const flags = drive.collectEverySecs === undefined ? [] : steadyMemoryFlags;
  return { argv: [process.execPath, ...flags, child, JSON.stringify(drive)] };
}

/** @param said standard output of a drive that has ended */
export function parseDriveReports(said: string): readonly DriveReport[] {
  const line = said.split("\n").findLast((each) => each.startsWith("["));
  if (line === undefined) throw new Error(`The drive ended without a report: ${said.slice(-500)}`);
  return JSON.parse(line) as DriveReport[];
}
