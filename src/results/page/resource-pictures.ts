import { describeError } from "../../core/errors.ts";
import { resourcePictures } from "../bundle/parts.ts";
import { resourceCharts } from "../charts/data/resource-charts.ts";
import { openDrawing } from "../charts/draw/draw.ts";
import { toPng } from "../charts/draw/png.ts";
import type { ResourceSeries } from "../charts/resources.ts";

export interface ResourcePictures {
  /** By the names of files. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** Why one of them is missing; empty where none is. */
  readonly notes: readonly string[];
}

/** All charts of resources in one picture, as SVG and PNG; no files where there is nothing to show. */
export async function drawResources(resources: readonly ResourceSeries[]): Promise<ResourcePictures> {
  const charts = resourceCharts(resources);
  if (charts.length === 0) return { files: new Map(), notes: [] };
  const svg = (await openDrawing()).drawSheet("Resources of a node by the size of the committee", charts);
  const files = new Map<string, string | Uint8Array>([[resourcePictures.svg, svg]]);
  try {
    files.set(resourcePictures.png, await toPng(svg));
    return { files, notes: [] };
  } catch (error) {
    return { files, notes: [`${resourcePictures.png} was not written: ${describeError(error)}.`] };
  }
}
