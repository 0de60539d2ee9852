/** The map of a stored run at a moment. */
import { join } from "node:path";
import type { LinkNode } from "../../contracts/links/matrix.ts";
import { linkProbesForm } from "../../contracts/results/links/link-certificate.ts";
import { readForm } from "../../core/documents/check-form.ts";
import { listIn } from "../../core/documents/loose.ts";
import { inForm } from "../bundle/document.ts";
import { readBundleText } from "../bundle/files/bundle-file.ts";
import { readBundle } from "../bundle/reader.ts";
import { parseRunTimeline, runTimelineFile } from "../bundle/run-timeline.ts";
import { linkProbesFile } from "../bundle/writer.ts";
import type { MapScene } from "../charts/map/scene.ts";
import { BundleReadError } from "../schema/read-error.ts";
import { openScenes } from "./scenes.ts";

/**
 * Its links follow from what the sweep was asked for, and what a person changed by hand; its nodes' groups from the
 * run's own file where they have positions.
 *
 * @param run its number, from 1
 * @param atSecs undefined: the end of the window
 * @throws BundleReadError where there is no such run, or its links were not emulated
 */
export async function readScene(path: string, run: number, atSecs: number | undefined): Promise<MapScene> {
  const { folder, runs, parameters } = await readBundle(path);
  const found = runs[run - 1];
  if (found === undefined) {
    throw new BundleReadError(
      folder,
      `it has no run ${run}, only ${runs.length}. Name another one with --run.`,
    );
  }
  const links = parameters.has("links") ? parameters.value("links") : undefined;
  const timeline = parameters.has("timeline") ? parameters.value("timeline") : undefined;
  if (links === undefined && timeline === undefined) {
    throw new BundleReadError(folder, "its links were not emulated, so there is nothing to draw.");
  }
  const entries = await readEntries(folder, run, timeline);
  const names = found.nodes.map(({ name }) => name);
  const scenes = openScenes({ run: found, links, entries, nodes: await nodesOf(folder, run, names) });
  if ("problem" in scenes)
    throw new BundleReadError(folder, `its links do not fit its nodes: ${scenes.problem}.`);
  return scenes.sceneAt(atSecs ?? found.parameters.durationSecs);
}

/** Of the run's own timeline, if a person changed it; else of the sweep's. @param timeline as parameters.json has it */
export async function readEntries(
  folder: string,
  run: number,
  timeline: unknown,
): Promise<readonly unknown[]> {
  const file = runTimelineFile(run);
  const text = await readBundleText(join(folder, file)).catch(() => undefined);
  return (text && parseRunTimeline(text, file)) || listIn(timeline, "entries");
}

/** With their groups and regions, where the run's own file tells them. */
async function nodesOf(folder: string, run: number, names: readonly string[]): Promise<readonly LinkNode[]> {
  const path = join(folder, linkProbesFile(run));
  const text = await readBundleText(path).catch(() => undefined);
  const ground = text && inForm(path, () => readForm(linkProbesForm, JSON.parse(text))).ground;
  if (ground) return ground.nodes;
  return names.map((name) => ({ name, group: "validator" }));
}
