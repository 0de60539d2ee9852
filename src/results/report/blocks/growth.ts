/** Nodes whose memory grows on and on, in the reports. */
import type { Growth } from "../../../contracts/results/growth.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { formatBytes } from "../text/figures.ts";

/** Nodes that are shown; the run's file has all. */
const mostShown = 8;

const signed = (bytes: number) => (bytes < 0 ? `-${formatBytes(-bytes)}` : formatBytes(bytes));

/** "62.1 MiB per hour [58.0 MiB, 66.3 MiB]". */
export function formatGrowth({ bytesPerHour, bytesPerHourLow: low, bytesPerHourHigh: high }: Growth): string {
  const interval = low === undefined || high === undefined ? "" : ` [${signed(low)}, ${signed(high)}]`;
  return `${signed(bytesPerHour)} per hour${interval}`;
}

/** Lines on nodes that leak, the last one empty; none where no node does. */
export function growthSection({ nodes, helpers = [] }: MeasuredRun): string[] {
  const leaking = [...nodes, ...helpers]
    .flatMap(({ name, memoryGrowth }) => (memoryGrowth?.leaks === true ? [{ name, ...memoryGrowth }] : []))
    .toSorted((a, b) => b.bytesPerHour - a.bytesPerHour);
  if (leaking.length === 0) return [];
  const shown = leaking.slice(0, mostShown);
  return [
    `MEMORY GROWS: of ${leaking.length} of ${nodes.length + helpers.length} nodes, after the first quarter of the window`,
    ...shown.map((node) => `  ${formatForeign(node.name)}: ${formatGrowth(node)}`),
    ...(leaking.length > mostShown ? [`  and ${leaking.length - mostShown} more`] : []),
    "",
  ];
}
