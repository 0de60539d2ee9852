import type { SeenNode } from "../../../contracts/nodes/seen-node.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { nothingSeen, seen } from "./figures.ts";
import { type Column, formatTable, left, right } from "./table.ts";

const columnsAt = (nowMs: number): readonly Column<SeenNode>[] => [
  left("\nRun", ({ run }) => formatForeign(run)),
  left("\nHost", ({ host }) => (host === undefined ? "here" : formatForeign(host))),
  left("\nNode", ({ name }) => formatForeign(name)),
  left("\nState", ({ state }) => state),
  right("\nAge", ({ startedAtMs }) => seen(startedAtMs, (atMs) => formatAge(nowMs - atMs))),
  left("\nPorts", ({ ports = [] }) => ports.join(" ") || nothingSeen),
];

/** A row for each node, at most 80 columns wide for usual names. Ends without a line break. */
export function formatNodeTable(nodes: readonly SeenNode[], nowMs: number): string {
  return formatTable(columnsAt(nowMs), nodes).replace(/^\n/, "");
}

/** 45 s, 12 min, 3 h, 2 d: what is over of the largest unit. */
export function formatAge(ageMs: number): string {
  const secs = Math.max(0, Math.floor(ageMs / 1000));
  if (secs < 120) return `${secs} s`;
  if (secs < 7200) return `${Math.floor(secs / 60)} min`;
  if (secs < 172_800) return `${Math.floor(secs / 3600)} h`;
  return `${Math.floor(secs / 86_400)} d`;
}
