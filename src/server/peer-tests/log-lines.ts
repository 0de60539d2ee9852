/**
 * Lines of a test's log: one JSON object each, with one key. What goes into the results stands in it as it stands there,
 * so that results are made by copying bytes.
 */
import type { PeerMetrics } from "../../contracts/peer-tests/metrics.ts";
import { metricsForm } from "../../contracts/peer-tests/metrics.ts";
import { writeForm } from "../../core/documents/write-form.ts";
import { causedBy } from "./peer-test-error.ts";

/** What a line says. @param bodyAt where in the line the part is that goes into the results; it ends before the last "}" */
export type LogEntry =
  | { readonly kind: "created" | "started" | "finished"; readonly atMs: number }
  | { readonly kind: "point"; readonly peerId: string; readonly atMs: number; readonly bodyAt: number }
  | { readonly kind: "topology"; readonly bodyAt: number }
  | { readonly kind: "results"; readonly peerId: string; readonly bodyAt: number };

const moment = /^\{"(created|started|finished)":(\d+)\}$/;
const point = /^\{"point":\{"peerId":"([^"]+)","timestamp":(\d+),/;
const results = /^\{"results":"([^"]+)","body":/;

export const pointStart = '{"point":';
const topologyStart = '{"topology":';

export const momentLine = (kind: "created" | "started" | "finished", atMs: number) => `{"${kind}":${atMs}}\n`;

/** @returns the data point as JSON, and its line */
export function pointLine(peerId: string, atMs: number, metrics: PeerMetrics) {
  const json = `{"peerId":"${peerId}","timestamp":${atMs},"metrics":${toJson(writeForm(metricsForm, metrics))}}`;
  return { json, line: `${pointStart}${json}}\n` };
}

export const topologyLine = (atMs: number, topology: unknown) =>
  `${topologyStart}{"timestamp":${atMs},"topology":${toJson(topology)}}}\n`;

/** @returns the results as JSON, and their line */
export function resultsLine(peerId: string, atMs: number, body: Readonly<Record<string, unknown>>) {
  const json = toJson({ ...body, timestamp: atMs });
  return { json, line: `{"results":"${peerId}","body":${json}}\n` };
}

/** undefined: it is no line of a log. */
export function parseLogLine(line: string): LogEntry | undefined {
  const [, peer, pointAt] = point.exec(line) ?? [];
  if (peer !== undefined) {
    return { kind: "point", peerId: peer, atMs: Number(pointAt), bodyAt: pointStart.length };
  }
  const [, kind, atMs] = moment.exec(line) ?? [];
  if (kind !== undefined) return { kind: kind as "created", atMs: Number(atMs) };
  if (line.startsWith(topologyStart)) return { kind: "topology", bodyAt: topologyStart.length };
  const [start, reporter] = results.exec(line) ?? [];
  if (start === undefined || reporter === undefined) return undefined;
  return { kind: "results", peerId: reporter, bodyAt: start.length };
}

/** Parsing takes any depth, and writing does not. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw causedBy(cause, "invalid-body", "The body is nested too deep.");
  }
}
