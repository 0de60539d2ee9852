import { stat } from "node:fs/promises";
import { formatJson, percent } from "../../../core/documents/numbers.ts";
import { parseQuantity } from "../../../core/quantity.ts";
import { namedMaps } from "../../../links/maps.ts";
import { moment } from "../../../links/schema/timeline.ts";
import { defaultParameters } from "../../../options/defaults.ts";
import { rules } from "../../../options/rules/rules.ts";
import { drawMap } from "../../../results/charts/map/draw.ts";
import { type MapScene, sceneOf } from "../../../results/charts/map/scene.ts";
import { readScene } from "../../../results/page/map-scene.ts";
import { refuse } from "../../../run/prepare/preflight.ts";
import { readOwn, refuseUnused } from "../../options/command-options.ts";
import type { Command, CommandRequest } from "../../terminal/context.ts";
import { imagineLinks } from "../setup/links.ts";
import { lookAtBundle } from "./named-bundle.ts";

/** `map BUNDLE|MAP|FILE`: where nodes are, and what their links are like then, as SVG; with --json as data. */
export const runMap: Command = async (request, { terminal, settings, signal }) => {
  const [word = ""] = request.words;
  const { at, run } = readOwn(request, { at: undefined, run: undefined });
  const atSecs = readTime(at, request);
  const number = readNumber(run, request);
  const scene = (await isLinks(word))
    ? sceneOfFile(word, request)
    : await lookAtBundle(request, (path) => readScene(path, number, atSecs), signal);
  terminal.print(settings.json ? formatJson(documentOf(scene)).trimEnd() : drawMap(scene).trimEnd());
  return 0;
};

/** As all documents are written. */
const documentOf = ({ title, space, atSecs, nodes, links, paths }: MapScene) => ({
  schema: "baleen.map/1",
  title,
  space,
  at_secs: atSecs,
  nodes,
  links: links.map(({ between, layer, delayMs, lossRatio, rateBps, isDown }) => ({
    ...{ between, layer, delay_ms: delayMs, loss_percent: percent(lossRatio), rate_bps: rateBps },
    ...(isDown ? { down: true } : {}),
  })),
  paths,
});

function readTime(text: string | undefined, { diagnostics }: CommandRequest): number | undefined {
  if (text === undefined) return undefined;
  const parsed = parseQuantity(text, moment);
  if ("value" in parsed) return parsed.value / 1000;
  diagnostics.push({ code: "invalid-value", message: `--at: ${parsed.problem}.` });
  return undefined;
}

function readNumber(text: string | undefined, { diagnostics }: CommandRequest): number {
  if (text === undefined || /^[1-9]\d{0,5}$/.test(text)) return Number(text ?? 1);
  diagnostics.push({
    code: "invalid-value",
    message: `--run: "${text}" is no number of a run. Give 1 or more.`,
  });
  return 1;
}

/** A named map, or a file: bundles are folders. */
const isLinks = async (word: string) =>
  namedMaps.list().includes(word) || ((await stat(word).catch(() => undefined))?.isFile() ?? false);

/** Links as they are before any timeline. */
function sceneOfFile(word: string, request: CommandRequest): MapScene {
  const { given, read, diagnostics } = request;
  refuseUnused(request, ["at", "run"], "map of a links file");
  const asked = read(rules.committee, given.committee, undefined);
  refuse(diagnostics);
  const { spec, matrix } = imagineLinks(
    word,
    asked,
    ({ ground }) => ground?.positions.size || defaultParameters.committee,
  );
  return sceneOf({ title: spec.title ?? word, atSecs: 0, matrix, steps: [], flows: [] });
}
