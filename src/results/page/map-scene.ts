/** The map of a stored run at a moment. */
import { join } from "node:path";
import type { LinkMatrix, LinkNode } from "../../contracts/links/matrix.ts";
import { linkProbesForm } from "../../contracts/results/link-certificate.ts";
import { readForm } from "../../core/documents/check-form.ts";
import { listIn, tableIn, textIn } from "../../core/documents/loose.ts";
import { toSpec } from "../../links/parse.ts";
import { resolveLinks } from "../../links/resolve.ts";
import { compileTimeline } from "../../links/timeline/compile.ts";
import { readBundleText } from "../bundle/bundle-file.ts";
import { inForm } from "../bundle/document.ts";
import { readBundle } from "../bundle/reader.ts";
import { linkProbesFile } from "../bundle/writer.ts";
import { type MapScene, sceneOf } from "../charts/map/scene.ts";
import { BundleReadError } from "../schema/read-error.ts";

/**
 * Its links follow from what the sweep was asked for, its positions from the run's own file where nodes have some.
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
  const { durationSecs } = found.parameters;
  const nodes = await nodesOf(
    folder,
    run,
    found.nodes.map(({ name }) => name),
  );
  const { matrix, problems } = resolveLinks(toSpec(tableIn(links).document ?? {}), nodes);
  if (matrix === undefined) {
    throw new BundleReadError(
      folder,
      `its links do not fit its nodes: ${problems.map(({ message }) => message).join("; ")}.`,
    );
  }
  const placed: LinkMatrix["nodes"] = matrix.nodes;
  const { steps } = compileTimeline(listIn(timeline, "entries"), {
    ...{ nodes: placed, matrix, windowMs: durationSecs * 1000, name: textIn(timeline, "name") ?? "" },
  });
  const flows = found.kind === "native" ? (found.figures.flows?.flows ?? []) : [];
  return sceneOf({
    title: textIn(tableIn(links).document, "title") ?? textIn(links, "name") ?? "links",
    atSecs: atSecs ?? durationSecs,
    ...{ matrix, steps, flows },
  });
}

/** With their groups and regions, where the run's own file tells them. */
async function nodesOf(folder: string, run: number, names: readonly string[]): Promise<readonly LinkNode[]> {
  const path = join(folder, linkProbesFile(run));
  const text = await readBundleText(path).catch(() => undefined);
  const ground = text && inForm(path, () => readForm(linkProbesForm, JSON.parse(text))).ground;
  if (ground) return ground.nodes;
  return names.map((name) => ({ name, group: "validator" }));
}
