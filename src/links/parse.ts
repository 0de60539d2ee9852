import type { LinkLoss } from "../contracts/links/shape.ts";
import { readDescribedFile } from "../core/documents/described-file.ts";
import { present } from "../core/documents/numbers.ts";
import { type Path, type SchemaDiagnostic, schemaDiagnostics } from "../core/documents/schema-issues.ts";
import type { Diagnostic } from "../core/errors.ts";
import { bitRate, duration, parseQuantity, type QuantityKind, share } from "../core/quantity.ts";
import { checkLinks, type pairLists } from "./schema/rules.ts";
import { type LinksFile, linksFileSchema, queueKindOf, type ShapeEntry, unlimited } from "./schema/schema.ts";
import type { LinksSpec, PairChange, RegionAssignment, ShapeChange } from "./spec.ts";
import type { Topology } from "./topology.ts";

const code = "links-file";

/** A links file; or all that is wrong with it, each with its line. */
export interface ParsedLinks {
  /** undefined where there are diagnostics. */
  readonly spec?: LinksSpec | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Places what is found later: "links.yaml:12: …". */
  readonly diagnostic: (path: Path, message: string) => Diagnostic;
}

/**
 * Parses the YAML text of a links file.
 *
 * @param file its name in diagnostics
 */
export function parseLinks(text: string, file: string): ParsedLinks {
  const check = (value: unknown) => {
    const found: SchemaDiagnostic[] = [...schemaDiagnostics(linksFileSchema(), value)];
    checkLinks(value, (path, message) => found.push({ path, message }));
    return found;
  };
  const { value, diagnostics, diagnostic } = readDescribedFile(text, { file, code, check });
  if (diagnostics.length > 0) return { diagnostics, diagnostic };
  // Nothing but what the schema allows is left.
  return { spec: toSpec(value as LinksFile), diagnostics, diagnostic };
}

function toSpec(file: LinksFile): LinksSpec {
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
  };
}

function toAssignment(assign: NonNullable<LinksFile["assign"]>): RegionAssignment {
  if (assign === "round-robin") return { by: "round-robin" };
  if (Array.isArray(assign)) return { by: "list", regions: assign };
  return { by: "hosts", regionOf: new Map(Object.entries(assign.hosts)) };
}

function toTopology(topology: NonNullable<LinksFile["topology"]>): Topology {
  if (typeof topology === "string") return { kind: topology };
  if ("edges" in topology) return { kind: "edges", edges: topology.edges };
  const { degree, seed = 1 } = topology.random;
  return { kind: "random", degree, seed: String(seed) };
}

/** Of a text that the schema has accepted. */
function amount(text: string | undefined, kind: QuantityKind): number | undefined {
  if (text === undefined) return undefined;
  const parsed = parseQuantity(text, kind);
  return "value" in parsed ? parsed.value : undefined;
}

function toChange(entry: ShapeEntry): ShapeChange {
  const queueKind = entry.queue === undefined ? undefined : queueKindOf(entry.queue);
  const size = queueKind && amount(entry.queue, queueKind);
  const isTime = queueKind !== undefined && "ms" in queueKind.units;
  return {
    ...present({
      delayMs: amount(entry.delay, duration),
      jitterMs: amount(entry.jitter, duration),
      jitterDistribution: entry["jitter-distribution"],
      loss: toLoss(entry),
      rateBps: entry.rate === unlimited ? undefined : amount(entry.rate, bitRate),
      queue:
        size === undefined ? undefined : isTime ? { kind: "time", ms: size } : { kind: "bytes", bytes: size },
      duplicateRatio: amount(entry.duplicate, share),
      reorderRatio: amount(entry.reorder, share),
      corruptRatio: amount(entry.corrupt, share),
      down: entry.down,
    } satisfies { [K in keyof ShapeChange]: ShapeChange[K] | undefined }),
    ...(entry.rate === unlimited ? { rateBps: undefined } : {}),
  } as ShapeChange;
}

function toLoss(entry: ShapeEntry): LinkLoss | undefined {
  const { loss, "loss-bursts": bursts } = entry;
  if (loss !== undefined) return { kind: "independent", lossRatio: amount(loss, share) ?? 0 };
  if (bursts === undefined) return undefined;
  return {
    kind: "gilbert-elliott",
    goodToBadRatio: amount(bursts.p, share) ?? 0,
    badToGoodRatio: amount(bursts.r, share) ?? 1,
    goodLossRatio: amount(bursts.good, share) ?? 0,
    badLossRatio: amount(bursts.bad, share) ?? 1,
  };
}
