import type { PeerEventSource, PeerReports } from "../../contracts/load/peer-events.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { noClients } from "../plan-parts.ts";
import { buildClientSide } from "./client-side.ts";
import { definitionDiagnostics, type FilePlace, parseDescription } from "./description/parse.ts";
import { buildOptions } from "./options.ts";
import { buildPlan, type FindProgram, type KnownPlaces } from "./plan.ts";
import { buildProbe } from "./probe.ts";
import type { CustomFile, NodeLoadEntry, PeerLoadEntry } from "./schema/schema.ts";

/** Where metrics are, unless a description says otherwise. */
const metricsPath = "/metrics";

export interface OpenedProtocol {
  /** Absent where there are diagnostics. */
  readonly protocol?: Protocol | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Makes the adapter of a system that a YAML file describes, or tells all that is wrong with it, each with its line. */
export function parseCustomProtocol(
  text: string,
  where: FilePlace & Pick<KnownPlaces, "findProgram">,
): OpenedProtocol {
  const { file, diagnostics, places } = parseDescription(text, where);
  if (file === undefined) return { diagnostics };
  return { protocol: build(file, { findProgram: where.findProgram, places }), diagnostics };
}

/** Makes the same adapter again from its `definition`, for whoever goes on with a sweep. Reads no files. */
export function buildCustomProtocol(definition: unknown, findProgram?: FindProgram): OpenedProtocol {
  const diagnostics = definitionDiagnostics(definition);
  if (diagnostics.length > 0) return { diagnostics };
  // It has passed all checks.
  return { protocol: build(definition as CustomFile, { findProgram }), diagnostics };
}

function build(file: CustomFile, known: KnownPlaces): Protocol {
  const { name, title = name, tolerates = "none" } = file;
  const toleratedFaults = tolerated[tolerates];
  return {
    name,
    title,
    options: buildOptions(file),
    definition: file,
    toleratedFaults,
    plan: buildPlan(file, { ...known, toleratedFaults }),
    probe: buildProbe(file.health),
    ...loadParts(file),
  };
}

/** A file that passed all checks has one of `load` and `transaction`. */
function loadParts(file: CustomFile) {
  const { load, metrics } = file;
  if (load?.by === "nodes") return nativeParts(load);
  if (load !== undefined) return peerParts(load);
  return { ...buildClientSide(file), ...shownMetrics(metrics) };
}

const shownMetrics = (metrics: CustomFile["metrics"]): Pick<Protocol, "metrics"> =>
  metrics === undefined
    ? {}
    : { metrics: { plane: metrics.port, path: metrics.path ?? metricsPath, keep: metrics.keep } };

const anySize = { smallestBytes: 1, largestBytes: Number.MAX_SAFE_INTEGER };

/** The same where they tell of each message. */
function peerParts({ events, status, metrics }: PeerLoadEntry) {
  const messages = (): PeerReports => ({
    events: eventSource(events),
    ...(status === undefined ? {} : { status: { ...status, plane: status.port } }),
  });
  return { messages, ...shownMetrics(metrics), ...noClients(anySize) };
}

function eventSource(events: PeerLoadEntry["events"]): PeerEventSource {
  if (events.from === "http") {
    const { port: plane, path, via } = events;
    return { from: "http", plane, path, via };
  }
  if (events.from === "sink") return { from: "sink", origin: events.url, stream: events.stream };
  return events;
}

/**
 * What the adapter of a system has whose nodes make the load: nothing is sent to them, and their own counters tell what
 * became of it.
 */
function nativeParts({
  port: plane,
  path = metricsPath,
  submitted,
  committed,
  latency: { histogram, unit, squares },
  keep = [],
}: NodeLoadEntry): Pick<Protocol, "transactions" | "submission" | "native" | "metrics"> {
  const reported = [submitted?.counter, committed.counter, histogram, squares];
  return {
    native: {
      plane,
      path,
      submitted: submitted?.counter,
      committed,
      latency: { histogram, unitMs: unit === "s" ? 1000 : 1, squares },
    },
    metrics: {
      plane,
      path,
      keep: [...new Set([...reported.filter((name) => name !== undefined), ...keep])],
    },
    ...noClients(anySize),
  };
}

/** Nodes that may fail: of n none, the smaller half, or less than a third. */
const tolerated = {
  none: (_: number) => 0,
  minority: (nodes: number) => Math.floor((nodes - 1) / 2),
  third: (nodes: number) => Math.floor((nodes - 1) / 3),
} as const;
