/** What positions, qualities and layers of a links file must be to each other. */
import { listIn, type Refuse, tableIn, textIn, textsIn } from "../../core/documents/loose.ts";
import type { Path } from "../../core/documents/schema-issues.ts";
import { distance, parseQuantity } from "../../core/quantity.ts";

/** All lists of points, with their places. */
export function qualitiesIn(file: unknown): (readonly [Path, readonly unknown[]])[] {
  const layers = listIn(file, "layers").map(
    (layer, place) => [["layers", place, "quality"], listIn(layer, "quality")] as const,
  );
  return [[["quality"], listIn(file, "quality")], ...layers];
}

export function checkGround(file: unknown, refuse: Refuse): void {
  const given = tableIn(file);
  const names = Object.keys(tableIn(file, "positions"));
  const hasQuality = "quality" in given || listIn(file, "layers").length > 0;
  for (const key of ["quality", "layers", "tick", "space"] as const) {
    if (key in given && !("positions" in given))
      refuse([key], `${key}: no node has a position; add positions:`);
  }
  if ("positions" in given && !hasQuality) {
    refuse(["positions"], "positions: nothing follows from them; add quality: or layers:");
  }
  if (given.space === "earth") checkDegrees(file, refuse);
  for (const [path, points] of qualitiesIn(file)) checkOrder(points, path, refuse);
  checkLayers(file, names, refuse);
}

function checkDegrees(file: unknown, refuse: Refuse): void {
  for (const name of Object.keys(tableIn(file, "positions"))) {
    const why = whyNotDegrees(tableIn(file, "positions")[name]);
    if (why !== undefined) refuse(["positions", name], `${name}: ${why}`);
  }
}

/** @returns undefined of what is no position either, which the schema refuses */
export function whyNotDegrees(position: unknown): string | undefined {
  if (!Array.isArray(position)) return undefined;
  const [longitude, latitude, third] = position as readonly unknown[];
  if (third !== undefined) return "on the earth a position has two numbers; give [longitude, latitude]";
  const isOutside = (value: unknown, most: number) => typeof value === "number" && Math.abs(value) > most;
  if (!isOutside(longitude, 180) && !isOutside(latitude, 90)) return undefined;
  return "degrees are out of range; give a longitude of -180 to 180 and a latitude of -90 to 90";
}

function checkOrder(points: readonly unknown[], path: Path, refuse: Refuse): void {
  let before = -1;
  for (const [place, point] of points.entries()) {
    const parsed = parseQuantity(tableIn(point).distance, distance);
    if (!("value" in parsed)) continue;
    if (parsed.value <= before) {
      const own = [...path, place, "distance"];
      refuse(own, "distance: it is not above that of the point before; put points in order");
    }
    before = parsed.value;
  }
}

function checkLayers(file: unknown, names: readonly string[], refuse: Refuse): void {
  const seen = new Set<string>();
  for (const [place, layer] of listIn(file, "layers").entries()) {
    const name = textIn(layer, "name");
    if (name !== undefined && seen.has(name))
      refuse(["layers", place], `layers: ${name} is there twice; remove one`);
    if (name !== undefined) seen.add(name);
    const table = tableIn(layer);
    if ("nodes" in table === "edges" in table) {
      refuse(["layers", place], "layers: a layer has nodes: or edges:, one of them");
    }
    const edges = listIn(layer, "edges").flatMap((edge) => (Array.isArray(edge) ? (edge as unknown[]) : []));
    for (const node of [...textsIn(layer, "nodes"), ...edges]) {
      if (typeof node !== "string" || names.includes(node)) continue;
      refuse(["layers", place], `layers: ${node} has no position; add it to positions:`);
    }
  }
}
