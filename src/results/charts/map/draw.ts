/** A map as SVG: nodes where they are, links coloured by what they lose, and the ways of flows on top. */
import { bitRate, formatQuantity } from "../../../core/quantity.ts";
import { Html, html } from "../../page/html.ts";
import { colourOf, fontFamily, themeStyle } from "../draw/theme.ts";
import { type MapSize, margin, type Projection, projectionOf, usualSize } from "./project.ts";
import type { MapLink, MapScene, MapViewedLink } from "./scene.ts";

/** Of more links, figures would lie on each other. */
const mostLabelled = 21;
const mostPaths = 8;

/** Loss from which on a link has this colour. */
const grades = [
  { from: 0, colour: colourOf(2), name: "below 1 %" },
  { from: 0.01, colour: colourOf(4), name: "1–10 %" },
  { from: 0.1, colour: colourOf(1), name: "10–50 %" },
  { from: 0.5, colour: colourOf(7), name: "50 % and more" },
] as const;

const gradeOf = ({ lossRatio }: Pick<MapLink, "lossRatio">) =>
  grades.findLast(({ from }) => lossRatio >= from) ?? grades[0];

/** None of those of loss. */
const flowColours = [0, 3, 6, 5];
const flowColour = (place: number) => colourOf(flowColours[place % flowColours.length] ?? 0);

/** Of an entry of the legend. */
const legendWidth = 158;

type Places = ReadonlyMap<string, { readonly x: number; readonly y: number }>;

const round = (value: number) => Math.round(value * 10) / 10;
const percent = (ratio: number) => `${Number((ratio * 100).toPrecision(2))} %`;

/** Text that lies on lines is read all the same. */
const halo = html` paint-order="stroke" stroke="var(--paper)" stroke-width="4" stroke-linejoin="round"`;

function lengthText(value: number, space: MapScene["space"]): string {
  if (space === "earth") return `${Number(value.toFixed(4))}°`;
  return Math.abs(value) >= 10_000
    ? `${Number((value / 1000).toFixed(3))} km`
    : `${Number(value.toFixed(3))} m`;
}

function gridOf(
  { space }: MapScene,
  { x, y, xTicks, yTicks }: Projection,
  { width, height }: MapSize,
): readonly Html[] {
  if (space === "none") return [];
  const bottom = height - margin.bottom;
  return [
    ...xTicks.map((tick) => {
      const at = round(x([tick, 0]));
      return html`<line x1="${at}" x2="${at}" y1="${margin.top}" y2="${bottom}" stroke="var(--grid)"/><text x="${at}" y="${bottom + 16}" text-anchor="middle" fill="var(--soft)">${lengthText(tick, space)}</text>`;
    }),
    ...yTicks.map((tick) => {
      const at = round(y([0, tick]));
      return html`<line x1="${margin.left}" x2="${width - margin.right}" y1="${at}" y2="${at}" stroke="var(--grid)"/><text x="${margin.left - 8}" y="${at + 4}" text-anchor="end" fill="var(--soft)">${lengthText(tick, space)}</text>`;
    }),
  ];
}

function figuresOf({ delayMs, lossRatio, rateBps, isDown }: MapLink): string {
  if (isDown) return "down";
  return [
    `${Number(delayMs.toPrecision(3))} ms`,
    ...(lossRatio > 0 ? [percent(lossRatio)] : []),
    ...(rateBps === undefined ? [] : [formatQuantity(rateBps, bitRate)]),
  ].join(", ");
}

function endsOf({ between: [from, to] }: Pick<MapLink, "between">, places: Places) {
  return { from: places.get(from) ?? { x: 0, y: 0 }, to: places.get(to) ?? { x: 0, y: 0 } };
}

function linkOf(link: MapLink, places: Places): Html {
  const { from, to } = endsOf(link, places);
  const stroke = link.isDown ? "var(--soft)" : gradeOf(link).colour;
  const dash = link.isDown ? html` stroke-dasharray="3 6" stroke-opacity="0.6"` : "";
  const layer = link.layer === undefined ? "" : `, ${link.layer}`;
  return html`<line x1="${from.x}" y1="${from.y}" x2="${to.x}" y2="${to.y}" stroke="${stroke}" stroke-width="2.5"${dash}><title>${link.between.join(" – ")}: ${figuresOf(link)}${layer}</title></line>`;
}

/** Beside the emulated link, on the other side than paths. */
function viewedOf(link: MapViewedLink, places: Places): Html {
  const { from, to } = endsOf(link, places);
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const [asideX, asideY] = [(dy / length) * 7, (-dx / length) * 7];
  const [x1, y1, x2, y2] = [from.x + asideX, from.y + asideY, to.x + asideX, to.y + asideY].map(round);
  const [x, y] = [round((from.x + to.x) / 2 + 2 * asideX), round((from.y + to.y) / 2 + 2 * asideY + 12)];
  const { cost, receivedRatio } = link;
  const lost = receivedRatio === undefined ? undefined : gradeOf({ lossRatio: 1 - receivedRatio }).colour;
  const stroke = cost === undefined ? "var(--soft)" : (lost ?? "var(--ink)");
  const text = cost === undefined ? "unusable" : `cost ${Number(cost.toPrecision(4))}`;
  return html`<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${stroke}" stroke-width="2" stroke-dasharray="1.5 4" stroke-linecap="round"><title>${link.between.join(" – ")}, as the network sees it: ${text}</title></line><text x="${x}" y="${y}" text-anchor="middle" font-style="italic" fill="var(--soft)"${halo}>${text}</text>`;
}

function labelOf(link: MapLink, places: Places): Html {
  const { from, to } = endsOf(link, places);
  const [x, y] = [round((from.x + to.x) / 2), round((from.y + to.y) / 2 - 5)];
  return html`<text x="${x}" y="${y}" text-anchor="middle" fill="var(--ink)"${halo}>${figuresOf(link)}</text>`;
}

/** Beside the links, so that both are seen, with a dot at its receiver; several flows side by side. */
function pathOf({ flow, nodes }: MapScene["paths"][number], place: number, places: Places): Html | undefined {
  const points = nodes.flatMap((name) => places.get(name) ?? []);
  if (points.length < 2) return undefined;
  const aside = 6 + 4 * place;
  const moved = points.map(({ x, y }, at) => {
    const [before, after] = [points[at - 1] ?? points[at], points[at + 1] ?? points[at]];
    const [dx, dy] = [(after?.x ?? 0) - (before?.x ?? 0), (after?.y ?? 0) - (before?.y ?? 0)];
    const length = Math.hypot(dx, dy) || 1;
    return [round(x - (dy / length) * aside), round(y + (dx / length) * aside)] as const;
  });
  const [endX, endY] = moved.at(-1) ?? [0, 0];
  const colour = flowColour(place);
  return html`<polyline points="${moved.map((point) => point.join(",")).join(" ")}" fill="none" stroke="${colour}" stroke-width="3" stroke-opacity="0.75"><title>${flow}: ${nodes.join(" → ")}</title></polyline><circle cx="${endX}" cy="${endY}" r="4.5" fill="${colour}"/>`;
}

function legendOf({ paths, links, viewed }: MapScene, { width, height }: MapSize): Html {
  const columns = Math.max(1, Math.floor((width - margin.left) / legendWidth));
  const used = grades.filter((grade) => links.some((link) => !link.isDown && gradeOf(link) === grade));
  const entries = [
    ...used.map(({ colour, name }) => ({ colour, name: `loss ${name}`, dash: "none" })),
    ...(links.some(({ isDown }) => isDown) ? [{ colour: "var(--soft)", name: "down", dash: "3 6" }] : []),
    ...(viewed.length > 0 ? [{ colour: "var(--soft)", name: "seen by the network", dash: "1.5 4" }] : []),
    ...paths
      .slice(0, mostPaths)
      .map(({ flow }, place) => ({ colour: flowColour(place), name: `flow ${flow}`, dash: "none" })),
  ];
  return html`${entries.slice(0, 2 * columns).map(({ colour, name, dash }, at) => {
    const x = margin.left + (at % columns) * legendWidth;
    const y = height - 26 + Math.floor(at / columns) * 17;
    return html`<line x1="${x}" x2="${x + 22}" y1="${y - 4}" y2="${y - 4}" stroke="${colour}" stroke-width="3" stroke-dasharray="${dash}"/><text x="${x + 28}" y="${y}" fill="var(--soft)">${name}</text>`;
  })}`;
}

/** @returns an SVG file */
export function drawMap(scene: MapScene): string {
  const { width, height } = usualSize;
  const head = html`xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"`;
  return `${draw(scene, usualSize, { head, style: html`<style>${new Html(themeStyle(":root"))}</style>` }).text}\n`;
}

/** A map within a page, which has the colours. Ends of links and names of nodes stand at what can be pointed at. */
export const mapPicture = (scene: MapScene, size = usualSize): Html =>
  draw(scene, size, { head: html`xmlns="http://www.w3.org/2000/svg" class="map"`, isPart: true });

interface Around {
  readonly head: Html;
  readonly style?: Html;
  readonly isPart?: boolean;
}

function draw(scene: MapScene, size: MapSize, { head, style, isPart = false }: Around): Html {
  const { width, height } = size;
  const projection = projectionOf(scene, size);
  const placed = scene.nodes.map(({ name, position }) => {
    return [name, { x: round(projection.x(position)), y: round(projection.y(position)) }] as const;
  });
  const places: Places = new Map(placed);
  const nodes = scene.nodes.map(({ name, position: [, , z] }) => {
    const { x = 0, y = 0 } = places.get(name) ?? {};
    const high = z === undefined ? "" : ` (z ${lengthText(z, scene.space)})`;
    const named = isPart ? html` data-node="${name}"` : "";
    return html`<circle cx="${x}" cy="${y}" r="8" fill="var(--paper)" stroke="var(--ink)" stroke-width="2.5"${named}/><text x="${x}" y="${y - 14}" text-anchor="middle" font-weight="600" fill="var(--ink)"${halo}>${name}${high}</text>`;
  });
  const { links, paths, viewed, title, atSecs, space } = scene;
  const labels = links.length > mostLabelled ? [] : links.map((link) => labelOf(link, places));
  const note = space === "none" ? ", without positions" : "";
  // A line is thin to point at.
  const handles = isPart ? links.map((link) => handleOf(link, places)) : [];
  return html`<svg ${head} viewBox="0 0 ${width} ${height}" font-family="${fontFamily}" font-size="12" role="img" aria-label="${title}">${style}<title>${title}</title><rect width="${width}" height="${height}" fill="var(--paper)"/><text x="${margin.left}" y="30" font-size="16" font-weight="600" fill="var(--ink)">${title}</text><text x="${width - margin.right}" y="${isPart ? 46 : 30}" text-anchor="end" fill="var(--soft)">${Number(atSecs.toFixed(1))} s into the window${note}</text>${gridOf(scene, projection, size)}${links.map((link) => linkOf(link, places))}${viewed.map((link) => viewedOf(link, places))}${paths.slice(0, mostPaths).map((path, place) => pathOf(path, place, places))}${handles}${nodes}${labels}${legendOf(scene, size)}</svg>`;
}

function handleOf(link: MapLink, places: Places): Html {
  const { from, to } = endsOf(link, places);
  const [one, other] = link.between;
  return html`<line x1="${from.x}" y1="${from.y}" x2="${to.x}" y2="${to.y}" stroke="transparent" stroke-width="16" data-from="${one}" data-to="${other}"/>`;
}
