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
}

export async function openDrawing(): Promise<Drawing> {
  const kit = await openKit();
  return {
    draw: (chart, width) => element(kit, chart, width).outerHTML,
    drawFile: (chart) => file(kit, chart),
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
  const svg = element(kit, chart, width);
  const chartHeight = Number(svg.getAttribute("height"));
  const isBars = chart.kind === "bars";
  const top = padding + titleHeight + (isBars ? legendHeight : 0);
  const [wide, high] = [width + 2 * padding, top + chartHeight + padding];
  const title = kit.document.createElement("text");
  title.textContent = chart.title;
  const text = (tag: { readonly innerHTML: string }) => tag.innerHTML;
  svg.setAttribute("x", String(padding));
  svg.setAttribute("y", String(top));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}" font-family='${fontFamily}'>`,
    `<title>${text(title)}</title>`,
    `<style>${themeStyle(":root")}svg{color:var(--soft)}</style>`,
    `<rect width="100%" height="100%" rx="8" fill="var(--paper)"/>`,
    `<text x="${padding + 4}" y="${padding + 18}" font-size="17" font-weight="600" fill="var(--ink)">${text(title)}</text>`,
    ...(isBars ? [legend(kit, chart)] : []),
    svg.outerHTML.replace("<svg ", '<svg overflow="visible" '),
    "</svg>",
  ].join("\n")}\n`;
}

function legend({ document }: Kit, chart: Chart): string {
  let x = padding + 4;
  return legendOf(chart)
    .map(({ name, colour }) => {
      const at = x;
      x += 34 + name.length * 7;
      const label = document.createElement("text");
      label.textContent = name;
      const y = padding + titleHeight + 8;
      return `<rect x="${at}" y="${y - 10}" width="11" height="11" rx="2" fill="${colourOf(colour)}"/><text x="${at + 17}" y="${y}" font-size="12" fill="var(--ink)">${label.innerHTML}</text>`;
    })
    .join("");
}
