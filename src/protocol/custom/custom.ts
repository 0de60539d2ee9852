import type { Protocol } from "../../contracts/protocol.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { buildClientSide } from "./client-side.ts";
import { definitionDiagnostics, type FilePlace, parseDescription } from "./description/parse.ts";
import { nativeParts } from "./node-load.ts";
import { buildOptions } from "./options.ts";
import { buildPlan, type FindProgram, type KnownPlaces } from "./plan.ts";
import { buildProbe } from "./probe.ts";
import { type CustomFile, metricsPath } from "./schema/schema.ts";

export interface OpenedProtocol {
  /** Absent where there are diagnostics. */
  readonly protocol?: Protocol | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Makes the adapter of a system that a YAML file describes, or tells all that is wrong with it, each with its line. */
export function parseCustomProtocol(
  text: string,
  where: FilePlace & Pick<KnownPlaces, "findProgram">,
): OpenedProtocol {
  const { file, diagnostics, places } = parseDescription(text, where);
  if (file === undefined) return { diagnostics };
  return { protocol: build(file, { findProgram: where.findProgram, places }), diagnostics };
}

/** Makes the same adapter again from its `definition`, for whoever goes on with a sweep. Reads no files. */
export function buildCustomProtocol(definition: unknown, findProgram?: FindProgram): OpenedProtocol {
  const diagnostics = definitionDiagnostics(definition);
  if (diagnostics.length > 0) return { diagnostics };
  // It has passed all checks.
  return { protocol: build(definition as CustomFile, { findProgram }), diagnostics };
}

function build(file: CustomFile, known: KnownPlaces): Protocol {
  const { name, title = name, tolerates = "none" } = file;
  const toleratedFaults = tolerated[tolerates];
  return {
    name,
    title,
    options: buildOptions(file),
    definition: file,
    toleratedFaults,
    plan: buildPlan(file, { ...known, toleratedFaults }),
    probe: buildProbe(file.health),
    ...loadParts(file),
  };
}

/** A file that passed all checks has one of `load` and `transaction`. */
function loadParts(file: CustomFile) {
  const { load, metrics } = file;
  if (load !== undefined) return nativeParts(load);
  return {
    ...buildClientSide(file),
    ...(metrics && {
      metrics: { plane: metrics.port, path: metrics.path ?? metricsPath, keep: metrics.keep },
    }),
  };
}

/** Nodes that may fail: of n none, the smaller half, or less than a third. */
const tolerated = {
  none: (_: number) => 0,
  minority: (nodes: number) => Math.floor((nodes - 1) / 2),
  third: (nodes: number) => Math.floor((nodes - 1) / 3),
} as const;
