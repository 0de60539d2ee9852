import type { LinkDifference, SideLinks } from "../../../contracts/results/comparison.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { formatCountOf, formatFigure } from "../text/figures.ts";

const words = { names: "name", mechanisms: "mechanism", delay: "delay" } as const;

/** How the emulated links of two sweeps differ, a line for each side; nothing where they do not. */
export function formatComparedLinks(links: LinkDifference | undefined): string[] {
  if (links === undefined) return [];
  const { differ, a, b } = links;
  const what = differ.map((one) => words[one]).join(", ");
  return [
    "",
    `WARNING: not the same conditions. The emulated links of A and B differ (${what}):`,
    `  A: ${formatSideLinks(a)}`,
    `  B: ${formatSideLinks(b)}`,
  ];
}

/** "aws-5: nfqueue, 90 links; one-way delay 44.1 ms (0.05 to 143 ms), loss 0.00 % …" */
export function formatSideLinks(links: SideLinks | undefined): string {
  if (links === undefined) return "no emulated links";
  const { names, mechanisms, links: count, down, delay, loss, goodput } = links;
  const name = names.length === 0 ? "without a name" : names.map(formatForeign).join(" or ");
  if (mechanisms.length === 0) return `${name}, not measured`;
  const figures = [
    delay && `one-way delay ${range(delay.medianMs, delay.leastMs, delay.mostMs, "ms")}`,
    loss && `loss ${range(loss.medianRatio * 100, loss.leastRatio * 100, loss.mostRatio * 100, "%")}`,
    goodput &&
      `payload ${range(goodput.medianBps / 1e6, goodput.leastBps / 1e6, goodput.mostBps / 1e6, "Mbit/s")}`,
    down > 0 ? `${down} down` : undefined,
  ].filter((figure) => figure !== undefined);
  const measured = figures.length === 0 ? "" : `; ${figures.join(", ")}`;
  return `${name}: ${mechanisms.join(" or ")}, ${formatCountOf(count, "link")}${measured}`;
}

/** The median, and from the least to the most where these differ. */
function range(median: number, least: number, most: number, unit: string): string {
  const [middle, low, high] = [median, least, most].map((value) => formatFigure(value));
  return low === high ? `${middle} ${unit}` : `${middle} ${unit} (${low} to ${high} ${unit})`;
}
