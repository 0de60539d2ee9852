/** A map as SVG: nodes where they are, links coloured by what they lose, and the ways of flows on top. */
import { bitRate, formatQuantity } from "../../../core/quantity.ts";
import { Html, html } from "../../page/html.ts";
import { colourOf, fontFamily, themeStyle } from "../draw/theme.ts";
import { margin, type Projection, projectionOf, size } from "./project.ts";
import type { MapLink, MapScene } from "./scene.ts";

const { width, height } = size;
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

const gradeOf = ({ lossRatio }: MapLink) => grades.findLast(({ from }) => lossRatio >= from) ?? grades[0];

/** None of those of loss. */
const flowColours = [0, 3, 6, 5];
const flowColour = (place: number) => colourOf(flowColours[place % flowColours.length] ?? 0);

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

function gridOf({ space }: MapScene, { x, y, xTicks, yTicks }: Projection): readonly Html[] {
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

function endsOf({ between: [from, to] }: MapLink, places: Places) {
  return { from: places.get(from) ?? { x: 0, y: 0 }, to: places.get(to) ?? { x: 0, y: 0 } };
}

function linkOf(link: MapLink, places: Places): Html {
  const { from, to } = endsOf(link, places);
  const stroke = link.isDown ? "var(--soft)" : gradeOf(link).colour;
  const dash = link.isDown ? html` stroke-dasharray="3 6" stroke-opacity="0.6"` : "";
  const layer = link.layer === undefined ? "" : `, ${link.layer}`;
  return html`<line x1="${from.x}" y1="${from.y}" x2="${to.x}" y2="${to.y}" stroke="${stroke}" stroke-width="2.5"${dash}><title>${link.between.join(" – ")}: ${figuresOf(link)}${layer}</title></line>`;
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

function legendOf({ paths, links }: MapScene): Html {
  const used = grades.filter((grade) => links.some((link) => !link.isDown && gradeOf(link) === grade));
  const entries = [
    ...used.map(({ colour, name }) => ({ colour, name: `loss ${name}`, dash: "none" })),
    ...(links.some(({ isDown }) => isDown) ? [{ colour: "var(--soft)", name: "down", dash: "3 6" }] : []),
    ...paths
      .slice(0, mostPaths)
      .map(({ flow }, place) => ({ colour: flowColour(place), name: `flow ${flow}`, dash: "none" })),
  ];
  return html`${entries.slice(0, 10).map(({ colour, name, dash }, at) => {
    const x = margin.left + (at % 5) * 150;
    const y = height - 26 + Math.floor(at / 5) * 17;
    return html`<line x1="${x}" x2="${x + 22}" y1="${y - 4}" y2="${y - 4}" stroke="${colour}" stroke-width="3" stroke-dasharray="${dash}"/><text x="${x + 28}" y="${y}" fill="var(--soft)">${name}</text>`;
  })}`;
}

/** @returns an SVG file */
export function drawMap(scene: MapScene): string {
  const projection = projectionOf(scene);
  const placed = scene.nodes.map(({ name, position }) => {
    return [name, { x: round(projection.x(position)), y: round(projection.y(position)) }] as const;
  });
  const places: Places = new Map(placed);
  const nodes = scene.nodes.map(({ name, position: [, , z] }) => {
    const { x = 0, y = 0 } = places.get(name) ?? {};
    const high = z === undefined ? "" : ` (z ${lengthText(z, scene.space)})`;
    return html`<circle cx="${x}" cy="${y}" r="8" fill="var(--paper)" stroke="var(--ink)" stroke-width="2.5"/><text x="${x}" y="${y - 14}" text-anchor="middle" font-weight="600" fill="var(--ink)"${halo}>${name}${high}</text>`;
  });
  const { links, paths, title, atSecs, space } = scene;
  const labels = links.length > mostLabelled ? [] : links.map((link) => labelOf(link, places));
  const note = space === "none" ? ", without positions" : "";
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${fontFamily}" font-size="12" role="img" aria-label="${title}"><style>${new Html(themeStyle(":root"))}</style><title>${title}</title><rect width="${width}" height="${height}" fill="var(--paper)"/><text x="${margin.left}" y="30" font-size="16" font-weight="600" fill="var(--ink)">${title}</text><text x="${width - margin.right}" y="30" text-anchor="end" fill="var(--soft)">${Number(atSecs.toFixed(1))} s into the window${note}</text>${gridOf(scene, projection)}${links.map((link) => linkOf(link, places))}${paths.slice(0, mostPaths).map((path, place) => pathOf(path, place, places))}${nodes}${labels}${legendOf(scene)}</svg>
`.text;
}
