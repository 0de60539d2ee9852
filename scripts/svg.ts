/** Pictures as SVG texts: they fit a light page and a dark one, and say in words what they show. Pure. */
import type { Span } from "./terminal-screen.ts";

export interface Caption {
  readonly title: string;
  readonly description: string;
}

const characterWidth = 8.4;
const lineHeight = 18;
const margin = 16;

/** Lines of a terminal, in a monospace font and in the page's own colours. */
export function terminalSvg(lines: readonly (readonly Span[])[], columns: number, caption: Caption): string {
  const width = Math.ceil(columns * characterWidth + 2 * margin);
  const height = lines.length * lineHeight + 2 * margin;
  const rows = lines.map((spans, index) => {
    const y = margin + (index + 0.75) * lineHeight;
    return `<text x="${margin}" y="${y}" xml:space="preserve">${spans.map(spanSvg).join("")}</text>`;
  });
  return svg({ width, height, caption, body: rows });
}

function spanSvg({ text, colour, bold, dim }: Span): string {
  const classes = [colour, bold && "bold", dim && "dim"].filter((name) => name !== undefined);
  const attribute = classes.length === 0 ? "" : ` class="${classes.join(" ")}"`;
  return `<tspan${attribute}>${escapeXml(text)}</tspan>`;
}

/** Latency of one run at its load. */
export interface LatencyPoint {
  readonly loadTps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Drawn full where it is "valid", hollow where it is not. */
  readonly verdict: string;
}

const plot = { left: 70, right: 630, top: 24, bottom: 300 };
const curves = [
  { key: "p99Ms", name: "p99", colour: "magenta" },
  { key: "p50Ms", name: "median", colour: "blue" },
] as const;

/** Latency against load: both axes logarithmic, a point for each run, lines through the means of each load. */
export function latencyChartSvg(points: readonly LatencyPoint[], caption: Caption): string {
  const loads = [...new Set(points.map(({ loadTps }) => loadTps))].sort((a, b) => a - b);
  const latencies = points.flatMap(({ p50Ms, p99Ms }) => [p50Ms, p99Ms]);
  const x = scale([Math.min(...loads), Math.max(...loads)], [plot.left + 20, plot.right - 60]);
  const ticks = ticksAround(Math.min(...latencies), Math.max(...latencies));
  const y = scale([ticks[0] ?? 1, ticks.at(-1) ?? 10], [plot.bottom, plot.top]);
  const grid = ticks.flatMap((ms) => [
    `<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${y(ms)}" y2="${y(ms)}"/>`,
    `<text class="end" x="${plot.left - 8}" y="${y(ms) + 5}">${ms}</text>`,
  ]);
  const names = loads.map(
    (load) => `<text class="middle" x="${x(load)}" y="${plot.bottom + 22}">${load}</text>`,
  );
  const drawn = curves.flatMap(({ key, name, colour }) => {
    const means = loads.map((load) => {
      const values = points.filter(({ loadTps }) => loadTps === load).map((point) => point[key]);
      return { x: x(load), y: y(values.reduce((sum, value) => sum + value, 0) / values.length) };
    });
    const last = means.at(-1) ?? { x: 0, y: 0 };
    return [
      `<polyline class="curve ${colour}" points="${means.map((mean) => `${mean.x},${mean.y}`).join(" ")}"/>`,
      ...points.map((point) => {
        const kind = point.verdict === "valid" ? "full" : "hollow";
        return `<circle class="${kind} ${colour}" cx="${x(point.loadTps)}" cy="${y(point[key])}" r="4"/>`;
      }),
      `<text class="${colour}" x="${last.x + 10}" y="${last.y + 5}">${name}</text>`,
    ];
  });
  const titles = [
    `<text x="${plot.left}" y="16">commit latency, ms</text>`,
    `<text class="end" x="${plot.right}" y="${plot.bottom + 44}">offered load, transactions per second</text>`,
  ];
  return svg({
    width: 660,
    height: plot.bottom + 60,
    caption,
    body: [...grid, ...names, ...drawn, ...titles],
  });
}

/** Logarithmic, to a tenth of a pixel. */
function scale([from, to]: readonly [number, number], [start, end]: readonly [number, number]) {
  const span = Math.log(to / from) || 1;
  return (value: number) => Number((start + (Math.log(value / from) / span) * (end - start)).toFixed(1));
}

/** 1, 2 and 5 times powers of ten, from the last one at or below `least` to the first at or above `most`. */
function ticksAround(least: number, most: number): number[] {
  const all = Array.from({ length: 10 }, (_, power) =>
    [1, 2, 5].map((digit) => digit * 10 ** (power - 2)),
  ).flat();
  const from = all.findLastIndex((tick) => tick <= least);
  const to = all.findIndex((tick) => tick >= most);
  return all.slice(Math.max(0, from), to + 1);
}

const style = `
  svg { --ink: #1f2328; --paper: #f6f8fa; --rule: #d1d9e0;
    --red: #cf222e; --green: #1a7f37; --yellow: #8a5a00; --blue: #0969da; --magenta: #8250df; --cyan: #1b7c83; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e6edf3; --paper: #161b22; --rule: #3d444d;
      --red: #ff7b72; --green: #56d364; --yellow: #e3b341; --blue: #79c0ff; --magenta: #d2a8ff; --cyan: #56d4dd; }
  }
  .paper { fill: var(--paper); stroke: var(--rule); }
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--ink); }
  .bold { font-weight: bold; } .dim { opacity: 0.7; } .end { text-anchor: end; } .middle { text-anchor: middle; }
  .grid { stroke: var(--rule); } .curve { fill: none; stroke-width: 2; }
  ${["red", "green", "yellow", "blue", "magenta", "cyan"]
    .map(
      (colour) =>
        `text.${colour}, tspan.${colour}, circle.full.${colour} { fill: var(--${colour}); } .curve.${colour}, circle.${colour} { stroke: var(--${colour}); }`,
    )
    .join("\n  ")}
  circle.hollow { fill: var(--paper); stroke-width: 2; }
`;

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly caption: Caption;
  readonly body: readonly string[];
}

function svg({ width, height, caption, body }: Picture): string {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escapeXml(caption.title)}</title>`,
    `<desc id="description">${escapeXml(caption.description)}</desc>`,
    `<style>${style}</style>`,
    `<rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...body,
    "</svg>",
  ].join("\n")}\n`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
