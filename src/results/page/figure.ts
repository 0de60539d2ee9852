import { type Chart, legendOf } from "../charts/chart.ts";
import { chartWidths, type Drawing } from "../charts/draw/draw.ts";
import { colourOf } from "../charts/draw/theme.ts";
import { Html, html } from "./html.ts";

/** A chart with its title, drawn for screens and for telephones: type stays as large on either. */
export function figure(drawing: Drawing, chart: Chart, isWhole = false): Html {
  const drawn = (width: number) => new Html(drawing.draw(chart, width));
  const legend =
    chart.kind === "bars"
      ? html`<ul class="legend">${legendOf(chart).map(
          ({ name, colour }) => html`<li style="--c:${colourOf(colour)}">${name}</li>`,
        )}</ul>`
      : undefined;
  return html`<figure${isWhole ? html` class="whole"` : undefined}><h3>${chart.title}</h3>${legend}
<div class="wide">${drawn(isWhole ? chartWidths.whole : chartWidths.half)}</div><div class="narrow">${drawn(chartWidths.narrow)}</div>
${chart.notes.length === 0 ? undefined : html`<figcaption>${chart.notes.join(" ")}</figcaption>`}</figure>`;
}

/** Charts beside each other, as many as there is room for. @param whole names of those that go across the page */
export function figures(
  drawing: Drawing,
  charts: readonly Chart[],
  whole: readonly string[] = [],
): Html | undefined {
  if (charts.length === 0) return undefined;
  return html`<div class="charts">${charts.map((chart) => figure(drawing, chart, whole.includes(chart.name)))}</div>`;
}
