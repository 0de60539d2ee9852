import type { QualityPoint } from "../contracts/links/ground.ts";
import type { ShapeChange } from "../contracts/links/shape.ts";
import { readDescribedFile } from "../core/documents/described-file.ts";
import { present } from "../core/documents/numbers.ts";
import { type Path, type SchemaDiagnostic, schemaDiagnostics } from "../core/documents/schema-issues.ts";
import type { YamlWithLines } from "../core/documents/yaml.ts";
import type { Diagnostic } from "../core/errors.ts";
import { distance } from "../core/quantity.ts";
import { checkLinks, type pairLists } from "./schema/rules.ts";
import { type LinksFile, linksFileSchema, tick } from "./schema/schema.ts";
import { amount, toChange } from "./shape-entry.ts";
import type { LayerSpec, LinksSpec, PairChange, RegionAssignment } from "./spec.ts";
import type { Topology } from "./topology.ts";

const code = "links-file";

/** A links file; or all that is wrong with it, each with its line. */
export interface ParsedLinks {
  /** undefined where there are diagnostics. */
  readonly spec?: LinksSpec | undefined;
  /** The same as plain JSON, as it is written; undefined where there are diagnostics. */
  readonly document?: unknown;
  readonly diagnostics: readonly Diagnostic[];
  /** Places what is found later: "links.yaml:12: …". */
  readonly diagnostic: (path: Path, message: string) => Diagnostic;
  /** "links.yaml:12" */
  readonly placeOf: (path: Path) => string;
}

/**
 * Parses the YAML text of a links file.
 *
 * @param file its name in diagnostics
 * @param part of a larger file, which counts in place of the text
 */
export function parseLinks(text: string, file: string, part?: YamlWithLines): ParsedLinks {
  const check = (value: unknown) => {
    const found: SchemaDiagnostic[] = [...schemaDiagnostics(linksFileSchema(), value)];
    checkLinks(value, (path, message) => found.push({ path, message }));
    return found;
  };
  const { value, ...found } = readDescribedFile(text, { file, code, check, part });
  return found.diagnostics.length > 0 ? found : { ...found, spec: toSpec(value), document: value };
}

/** @param document that `parseLinks` has accepted: nothing but what the schema allows is in it */
export function toSpec(document: unknown): LinksSpec {
  const file = document as LinksFile;
  const { title, source, date, note, clients } = file;
  const pairs = (list: (typeof pairLists)[number]): PairChange[] =>
    (file[list] ?? []).map(({ from, to, ...shape }, place) => ({
      from,
      to,
      change: toChange(shape),
      path: [list, place],
    }));
  return {
    ...present({ title, source, date, note }),
    default: toChange(file.default ?? {}),
    regions: file.regions ?? [],
    assignment: toAssignment(file.assign ?? "round-robin"),
    regionPairs: pairs("region-pairs"),
    groupPairs: pairs("group-pairs"),
    nodePairs: pairs("node-pairs"),
    clients: clients === undefined ? undefined : toChange(clients),
    topology: toTopology(file.topology ?? "full"),
    ...present({ ground: toGround(file) }),
  };
}

const usualTickMs = 100;

function toGround({ space = "plane", positions, quality, layers = [], tick: written }: LinksFile) {
  if (positions === undefined) return undefined;
  const rest = quality === undefined ? [] : [{ quality: toQuality(quality), path: ["quality"] }];
  return {
    space,
    tickMs: amount(written, tick) ?? usualTickMs,
    positions: new Map(Object.entries(positions)),
    layers: [
      ...layers.map(({ name, nodes, edges, quality: own }, place): LayerSpec => {
        return { ...present({ name, nodes, edges }), quality: toQuality(own), path: ["layers", place] };
      }),
      ...rest,
    ],
  };
}

/** What a point does not set is as at the point before; but a link is down only where its point says so. */
function toQuality(points: NonNullable<LinksFile["quality"]>): readonly QualityPoint[] {
  let before: ShapeChange = {};
  return points.map(({ distance: metres, ...shape }) => {
    const { down: _, ...kept } = before;
    before = { ...kept, ...toChange(shape) };
    return { distanceM: amount(metres, distance) ?? 0, change: before };
  });
}

function toAssignment(assign: NonNullable<LinksFile["assign"]>): RegionAssignment {
  if (typeof assign === "string") return { by: assign };
  if (Array.isArray(assign)) return { by: "list", regions: assign };
  return { by: "hosts", regionOf: new Map(Object.entries(assign.hosts)) };
}

function toTopology(topology: NonNullable<LinksFile["topology"]>): Topology {
  if (typeof topology === "string") return { kind: topology };
  if ("edges" in topology) return { kind: "edges", edges: topology.edges };
  const { degree, seed = 1 } = topology.random;
  return { kind: "random", degree, seed: String(seed) };
}
