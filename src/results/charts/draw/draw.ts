import { type Chart, legendOf } from "../chart.ts";
import { barsPlot } from "./bars.ts";
import { heatPlot } from "./heat.ts";
import { type Drawn, type Kit, openKit } from "./kit.ts";
import { linesPlot } from "./lines.ts";
import { colourOf, fontFamily, themeStyle } from "./theme.ts";

/** Widths that a chart is drawn in, pixels: for a page beside another one, across it, and for a telephone. */
export const chartWidths = { half: 600, whole: 1_200, narrow: 360 } as const;

/** Draws charts; several may be open. */
export interface Drawing {
  /** A chart as an SVG element of an HTML page. Its text stays text. @param width pixels */
  readonly draw: (chart: Chart, width: number) => string;
  /** The same as a file of its own: with title, background and colours. */
  readonly drawFile: (chart: Chart) => string;
  /** Several in one file, two beside each other. @param title of all */
  readonly drawSheet: (title: string, charts: readonly Chart[]) => string;
}

export async function openDrawing(): Promise<Drawing> {
  const kit = await openKit();
  return {
    draw: (chart, width) => element(kit, chart, width).outerHTML,
    drawFile: (chart) => file(kit, chart),
    drawSheet: (title, charts) => sheet(kit, title, charts),
  };
}

function element(kit: Kit, chart: Chart, width: number): Drawn {
  const options = plotOf(kit, chart, width);
  const svg = kit.plot.plot({
    ...options,
    document: kit.document,
    // The document's writer leaves these as they are in attributes, which XML does not allow.
    ariaLabel: chart.title.replaceAll("<", "‹").replaceAll(">", "›"),
  }) as unknown as Drawn;
  // Its own style is for a page that has none.
  for (const style of svg.querySelectorAll("style")) style.remove();
  for (const name of ["class", "xmlns:xlink"]) svg.removeAttribute(name);
  svg.setAttribute("role", "img");
  svg.setAttribute("font-family", fontFamily);
  svg.setAttribute("font-size", "12");
  svg.setAttribute("fill", "currentColor");
  roundNumbers(svg);
  return svg;
}

function plotOf(kit: Kit, chart: Chart, width: number) {
  switch (chart.kind) {
    case "lines":
      return linesPlot(kit, chart, width);
    case "bars":
      return barsPlot(kit, chart, width);
    case "heat":
      return heatPlot(kit, chart, width);
  }
}

/** Paths in tenths of a pixel: nobody sees more, and the page stays small. */
function roundNumbers(svg: Drawn): void {
  for (const one of svg.querySelectorAll("*")) {
    for (const { name, value } of [...one.attributes]) {
      if (!/\d\.\d\d/.test(value)) continue;
      if (/^(d|x|y|x1|x2|y1|y2|width|height|transform|cx|cy)$/.test(name)) {
        one.setAttribute(
          name,
          value.replace(/-?\d+\.\d+/g, (number) => String(Number(Number(number).toFixed(1)))),
        );
      }
    }
  }
}

const padding = 16;
const titleHeight = 34;
const legendHeight = 22;

function file(kit: Kit, chart: Chart): string {
  const width = 720;
  const isBars = chart.kind === "bars";
  const top = padding + titleHeight + (isBars ? legendHeight : 0);
  const placed = placedElement(kit, chart, { x: padding, y: top, width });
  return page(kit, {
    title: chart.title,
    width: width + 2 * padding,
    height: top + placed.height + padding,
    parts: [...(isBars ? [legend(kit, chart)] : []), placed.svg],
  });
}

const sheetColumns = 2;
const rowGap = 18;

function sheet(kit: Kit, title: string, charts: readonly Chart[]): string {
  const width = chartWidths.half;
  const parts: string[] = [];
  let top = padding + titleHeight;
  for (let first = 0; first < charts.length; first += sheetColumns) {
    const row = charts.slice(first, first + sheetColumns).map((chart, column) => {
      const x = padding + column * (width + padding);
      parts.push(heading(kit, chart.title, { x: x + 4, y: top + 14, size: 14 }));
      const placed = placedElement(kit, chart, { x, y: top + titleHeight - padding, width });
      parts.push(placed.svg);
      return placed.height;
    });
    top += Math.max(...row) + titleHeight - padding + rowGap;
  }
  const columns = Math.min(sheetColumns, charts.length);
  return page(kit, { title, width: columns * (width + padding) + padding, height: top, parts });
}

function placedElement(
  kit: Kit,
  chart: Chart,
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
) {
  const svg = element(kit, chart, width);
  svg.setAttribute("x", String(x));
  svg.setAttribute("y", String(y));
  const height = Number(svg.getAttribute("height"));
  return { height, svg: svg.outerHTML.replace("<svg ", '<svg overflow="visible" ') };
}

interface Page {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly parts: readonly string[];
}

function page(kit: Kit, { title, width, height, parts }: Page): string {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family='${fontFamily}'>`,
    `<title>${textOf(kit, title)}</title>`,
    `<style>${themeStyle(":root")}svg{color:var(--soft)}</style>`,
    `<rect width="100%" height="100%" rx="8" fill="var(--paper)"/>`,
    heading(kit, title, { x: padding + 4, y: padding + 18, size: 17 }),
    ...parts,
    "</svg>",
  ].join("\n")}\n`;
}

const heading = (
  kit: Kit,
  text: string,
  { x, y, size }: { readonly x: number; readonly y: number; readonly size: number },
) =>
  `<text x="${x}" y="${y}" font-size="${size}" font-weight="600" fill="var(--ink)">${textOf(kit, text)}</text>`;

/** As it stands in a document. */
function textOf({ document }: Kit, text: string): string {
  const tag = document.createElement("text");
  tag.textContent = text;
  return tag.innerHTML;
}

function legend(kit: Kit, chart: Chart): string {
  let x = padding + 4;
  return legendOf(chart)
    .map(({ name, colour }) => {
      const at = x;
      x += 34 + name.length * 7;
      const y = padding + titleHeight + 8;
      return `<rect x="${at}" y="${y - 10}" width="11" height="11" rx="2" fill="${colourOf(colour)}"/><text x="${at + 17}" y="${y}" font-size="12" fill="var(--ink)">${textOf(kit, name)}</text>`;
    })
    .join("");
}
