/** Moments of a run's map. Pure. */
import type { LinkNode } from "../../contracts/links/matrix.ts";
import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import { tableIn, textIn } from "../../core/documents/loose.ts";
import { toSpec } from "../../links/parse.ts";
import { resolveLinks } from "../../links/resolve.ts";
import { compileTimeline } from "../../links/timeline/compile.ts";
import { type MapScene, sceneOf } from "../charts/map/scene.ts";

/** What was asked of a run's links. */
export interface AskedLinks {
  readonly run: MeasuredRun;
  /** As parameters.json has them; undefined: none were asked for. */
  readonly links: unknown;
  /** Of its timeline. */
  readonly entries: readonly unknown[];
  /** With their groups and regions. */
  readonly nodes: readonly LinkNode[];
}

/** @returns what draws any moment of the run; or why the links do not fit its nodes */
export function openScenes({
  run,
  links,
  entries,
  nodes,
}: AskedLinks): { readonly sceneAt: (atSecs: number) => MapScene } | { readonly problem: string } {
  const { matrix, problems } = resolveLinks(toSpec(tableIn(links).document ?? {}), nodes);
  if (matrix === undefined) return { problem: problems.map(({ message }) => message).join("; ") };
  const windowMs = run.parameters.durationSecs * 1000;
  const { steps } = compileTimeline(entries, { nodes: matrix.nodes, matrix, windowMs, name: "" });
  const flows = run.kind === "native" ? (run.figures.flows?.flows ?? []) : [];
  const title = textIn(tableIn(links).document, "title") ?? textIn(links, "name") ?? "links";
  return { sceneAt: (atSecs) => sceneOf({ title, atSecs, matrix, steps, flows }) };
}
