import type { LinkMatrix, LinkNode } from "../../../contracts/links/matrix.ts";
import { readText } from "../../../core/documents/read-text.ts";
import { ConfigurationError } from "../../../core/errors.ts";
import { namedMaps } from "../../../links/maps.ts";
import { parseLinks } from "../../../links/parse.ts";
import { resolveLinks } from "../../../links/resolve.ts";
import type { LinksSpec } from "../../../links/spec.ts";
import { defaultParameters } from "../../../options/defaults.ts";
import { rules } from "../../../options/rules/rules.ts";
import {
  buildLinksJson,
  buildMapsJson,
  formatLinks,
  formatMaps,
} from "../../../results/report/tables/links.ts";
import { refuse } from "../../../run/prepare/preflight.ts";
import { readOwn, refuseUnused } from "../../options/command-options.ts";
import { openNamed } from "../../options/named-file.ts";
import { type Command, printFound } from "../../terminal/context.ts";
import { probeLinks } from "./probed-links.ts";

/** `links [NAME|FILE]`: the links of a named map or of a file, pair by pair; without a name, the maps. */
export const runLinks: Command = async (request, context, backend) => {
  const { words, given, read, diagnostics } = request;
  const [word] = words;
  if (readOwn(request, { probe: false }).probe) return await probeLinks(request, context, backend);
  refuseUnused(request, ["hosts", "hostKeyPolicy", "knownHosts", "sshTimeout"], "links without --probe");
  const asked = read(rules.committee, given.committee, undefined);
  refuse(diagnostics);
  if (word === undefined) {
    const { list, read: textOf } = namedMaps;
    const maps = list().map((name) => ({ name, ...parseLinks(textOf(name) ?? "", name).spec }));
    printFound(context, () => buildMapsJson(maps), formatMaps(maps));
    return 0;
  }
  const { spec, matrix } = imagineLinks(word, asked, () => defaultParameters.committee);
  const links = { ...spec, name: word };
  printFound(context, () => buildLinksJson(links, matrix), formatLinks(links, matrix));
  return 0;
};

/**
 * The links of a named map or a file, for a committee of that size, or of at least the usual one.
 *
 * @throws ConfigurationError with all that is wrong with the file
 */
export function imagineLinks(
  word: string,
  asked: number | undefined,
  usual: (spec: LinksSpec) => number,
): { readonly spec: LinksSpec; readonly matrix: LinkMatrix } {
  const opened = openNamed(word, namedMaps, { readFile: readText });
  if ("diagnostic" in opened) throw new ConfigurationError([opened.diagnostic]);
  const { path, text } = opened.file;
  const { spec, diagnostics, diagnostic } = parseLinks(text, path);
  if (spec === undefined) throw new ConfigurationError(diagnostics);
  const committee = asked ?? Math.max(usual(spec), spec.regions.length);
  const { matrix, problems } = resolveLinks(spec, imagineNodes(spec, committee));
  if (matrix === undefined) {
    throw new ConfigurationError(problems.map(({ path: place, message }) => diagnostic(place, message)));
  }
  return { spec, matrix };
}

/** A committee as a run would have it, spread over the hosts that the links name, with one node of each further group. */
function imagineNodes({ assignment, groupPairs, regions }: LinksSpec, committee: number): LinkNode[] {
  const hosts = assignment.by === "hosts" ? [...assignment.regionOf.keys()] : [];
  const group = "validator";
  const others = new Set(groupPairs.flatMap(({ from, to }) => [from, to]).filter((name) => name !== group));
  const nodes = [
    ...Array.from({ length: committee }, (_, place) => ({ name: `node${place}`, group })),
    ...[...others].map((name) => ({ name: `${name}0`, group: name })),
  ];
  return nodes.map((node, place) => ({
    ...node,
    host: hosts[place % hosts.length],
    hostRegion: regions[place % regions.length],
  }));
}
