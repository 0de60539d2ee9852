/** What the keys of a links file must be to each other. */
import { listIn, type Refuse, tableIn, textIn, textsIn } from "../../core/documents/loose.ts";
import type { Path } from "../../core/documents/schema-issues.ts";
import { parseQuantity, share } from "../../core/quantity.ts";
import { suggestion } from "../../core/text/nearest.ts";
import { checkGround, qualitiesIn } from "./ground-rules.ts";

export const pairLists = ["region-pairs", "group-pairs", "node-pairs"] as const;

/** Also checks a file that the schema refuses, so that all faults are reported at once. */
export function checkLinks(file: unknown, refuse: Refuse): void {
  checkRegions(file, refuse);
  for (const list of pairLists) checkPairs(file, list, refuse);
  checkGround(file, refuse);
  const shapes = shapesIn(file);
  for (const [path, shape] of shapes) checkShape(shape, path, refuse);
  const queued = shapes.find(([, shape]) => "queue" in shape);
  if (queued !== undefined && !shapes.some(([, shape]) => "rate" in shape)) {
    refuse([...queued[0], "queue"], "queue: nothing waits without a rate; add rate: or remove queue:");
  }
}

function shapesIn(file: unknown): (readonly [Path, Readonly<Record<string, unknown>>])[] {
  const single = ["default", "clients"].map((name) => [[name], tableIn(file, name)] as const);
  const pairs = pairLists.flatMap((list) =>
    listIn(file, list).map((pair, place) => [[list, place], tableIn(pair)] as const),
  );
  const points = qualitiesIn(file).flatMap(([path, list]) =>
    list.map((point, place) => [[...path, place], tableIn(point)] as const),
  );
  return [...single, ...pairs, ...points];
}

export function checkShape(shape: Readonly<Record<string, unknown>>, path: Path, refuse: Refuse): void {
  if ("loss" in shape && "loss-bursts" in shape) {
    refuse([...path, "loss-bursts"], "loss-bursts: loss: is given too; use one of them");
  }
  const leaving = parseQuantity(tableIn(shape, "loss-bursts").r, share);
  if ("value" in leaving && leaving.value === 0) {
    refuse([...path, "loss-bursts", "r"], "r: with 0% no burst ever ends; give more than 0%");
  }
}

function checkRegions(file: unknown, refuse: Refuse): void {
  const regions = textsIn(file, "regions");
  for (const [place, region] of listIn(file, "regions").entries()) {
    if (typeof region === "string" && regions.indexOf(region) < place) {
      refuse(["regions", place], `regions: ${region} is named twice; remove one`);
    }
  }
  const { assign } = tableIn(file);
  if (assign !== undefined && regions.length === 0) {
    refuse(["assign"], "assign: there are no regions; add regions:");
    return;
  }
  const named: (readonly [Path, unknown])[] = Array.isArray(assign)
    ? assign.map((region, place) => [["assign", place], region])
    : Object.entries(tableIn(assign, "hosts")).map(([host, region]) => [["assign", "hosts", host], region]);
  for (const [path, region] of named) refuseUnknown({ region, regions, key: "assign" }, path, refuse);
}

function refuseUnknown(
  {
    region,
    regions,
    key,
  }: { readonly region: unknown; readonly regions: readonly string[]; readonly key: string },
  path: Path,
  refuse: Refuse,
): void {
  if (typeof region !== "string" || regions.includes(region)) return;
  const known = regions.length === 0 ? "add regions:" : `the regions are ${regions.join(", ")}`;
  refuse(
    path,
    `${key}: there is no region ${region}; ${known}.${suggestion(region, regions)}`.replace(/\.$/, ""),
  );
}

function checkPairs(file: unknown, list: (typeof pairLists)[number], refuse: Refuse): void {
  const regions = textsIn(file, "regions");
  const seen = new Set<string>();
  for (const [place, pair] of listIn(file, list).entries()) {
    const [from, to] = [textIn(pair, "from"), textIn(pair, "to")];
    if (list === "region-pairs") {
      refuseUnknown({ region: from, regions, key: "from" }, [list, place, "from"], refuse);
      refuseUnknown({ region: to, regions, key: "to" }, [list, place, "to"], refuse);
    }
    if (from === undefined || to === undefined) continue;
    const direction = JSON.stringify([from, to]);
    if (seen.has(direction)) refuse([list, place], `${list}: ${from} to ${to} is there twice; remove one`);
    seen.add(direction);
    if (list === "node-pairs" && from === to) {
      refuse([list, place], `${list}: ${from} has no link to itself; name two nodes`);
    }
  }
}
