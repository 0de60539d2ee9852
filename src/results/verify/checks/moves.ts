import { type GroundRecord, writtenPositions } from "../../../contracts/links/ground.ts";
import type { LinkMatrix } from "../../../contracts/links/matrix.ts";
import type { LinksParameters } from "../../../contracts/parameters.ts";
import { tableIn } from "../../../core/documents/loose.ts";
import { toSpec } from "../../../links/parse.ts";
import { compileTimeline } from "../../../links/timeline/compile.ts";
import type { FileFindings } from "../contents/findings.ts";

/** Where nodes were follows from the links that the sweep was asked for, and from the timeline of the run. */
export function checkMoves(
  { space, tickMs, nodes, start, moves }: GroundRecord,
  { links, entries }: { readonly links: LinksParameters | undefined; readonly entries: readonly unknown[] },
  { windowSecs, findings: found }: { readonly windowSecs: number; readonly findings: FileFindings },
): void {
  const spec = toSpec(links?.document ?? {}).ground;
  found.same("ground.space", space, spec?.space);
  found.same("ground.tick_ms", tickMs, spec?.tickMs);
  const positions = nodes.map(({ name }) => spec?.positions.get(name));
  found.sameJson("ground.start", start, writtenPositions(positions));
  const ground = { space, tickMs, positions, layers: [], layerOf: [], base: [] };
  const regions = [...new Set(nodes.flatMap(({ region }) => region ?? []))];
  const matrix: LinkMatrix = { nodes, regions, shapes: [], regionShapes: [], ground };
  const moving = entries.filter((entry) => "move" in tableIn(entry));
  const { steps } = compileTimeline(moving, { nodes: [], matrix, windowMs: windowSecs * 1000, name: "" });
  const asked = steps.flatMap((step) =>
    step.kind === "links" && step.positions !== undefined
      ? [{ askedSecs: step.atMs / 1000, positions: writtenPositions(step.positions) }]
      : [],
  );
  found.same("ground.moves.length", moves.length, asked.length);
  const ofMoves = moves.map(({ askedSecs, positions: own }) => ({ askedSecs, positions: own }));
  found.sameJson("ground.moves", ofMoves, asked);
}
