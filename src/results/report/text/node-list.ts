import type { SeenNode } from "../../../contracts/nodes/seen-node.ts";
import { formatForeign, nothingSeen } from "./figures.ts";
import { formatTable, type TableColumn } from "./table.ts";

const left = (head: string): TableColumn => ({ head: ["", head], align: "left" });
const columns = [
  left("Run"),
  left("Host"),
  left("Node"),
  left("State"),
  { head: ["", "Age"], align: "right" },
  left("Ports"),
] as const satisfies readonly TableColumn[];

/** A row for each node, at most 80 columns wide for usual names. Ends without a line break. */
export function formatNodeTable(nodes: readonly SeenNode[], nowMs: number): string {
  const table = formatTable(
    columns,
    nodes.map(({ run, host, name, state, startedAtMs, ports }) => [
      formatForeign(run),
      host === undefined ? "here" : formatForeign(host),
      formatForeign(name),
      state,
      startedAtMs === undefined ? nothingSeen : formatAge(nowMs - startedAtMs),
      ports === undefined || ports.length === 0 ? nothingSeen : ports.join(" "),
    ]),
  );
  return table.replace(/^\n/, "");
}

/** 45 s, 12 min, 3 h, 2 d: what is over of the largest unit. */
export function formatAge(ageMs: number): string {
  const secs = Math.max(0, Math.floor(ageMs / 1000));
  if (secs < 120) return `${secs} s`;
  if (secs < 7200) return `${Math.floor(secs / 60)} min`;
  if (secs < 172_800) return `${Math.floor(secs / 3600)} h`;
  return `${Math.floor(secs / 86_400)} d`;
}
