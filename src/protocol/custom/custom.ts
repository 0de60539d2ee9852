import type { Protocol } from "../../contracts/protocol.ts";
import { ConfigurationError, type Diagnostic } from "../../core/errors.ts";
import { buildClientSide } from "./client-side.ts";
import { describeFile } from "./description/describe.ts";
import type { CustomDescription } from "./description/description.ts";
import { definitionDiagnostics, type FilePlace, parseDescription } from "./description/parse.ts";
import { nativeParts } from "./node-load.ts";
import { buildOptions, buildPlan, type FindProgram, type KnownPlaces } from "./plan.ts";
import { buildProbe } from "./probe.ts";
import type { CustomFile } from "./schema/schema.ts";

/**
 * Makes the adapter of a system that a YAML file describes.
 *
 * @returns the adapter, or all that is wrong with the file, each with its line
 */
export function parseCustomProtocol(
  text: string,
  where: FilePlace & Pick<KnownPlaces, "findProgram">,
): { readonly protocol?: Protocol; readonly diagnostics: readonly Diagnostic[] } {
  const { file, diagnostics, places } = parseDescription(text, where);
  if (file === undefined) return { diagnostics };
  return { protocol: build(file, { findProgram: where.findProgram, places }), diagnostics };
}

/**
 * Makes the same adapter again from its `definition`: in client processes, and by whoever goes on with a sweep. Reads
 * no files.
 *
 * @throws ConfigurationError with all that is wrong with the definition
 */
export function buildCustomProtocol(definition: unknown, findProgram?: FindProgram): Protocol {
  const diagnostics = definitionDiagnostics(definition);
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  // It has passed all checks.
  return build(definition as CustomFile, { findProgram });
}

function build(file: CustomFile, known: KnownPlaces): Protocol {
  const description = describeFile(file);
  const { name, title, tolerates } = description;
  return {
    name,
    title,
    options: buildOptions(description),
    definition: file,
    toleratedFaults: (nodes) => tolerated[tolerates](nodes),
    plan: buildPlan(description, { ...known, toleratedFaults: tolerated[tolerates] }),
    probe: buildProbe(description.health),
    ...loadParts(description),
  };
}

/** A description that passed all checks has one of `load` and `transaction`. */
function loadParts(description: CustomDescription) {
  const { load, metrics } = description;
  if (load !== undefined) return nativeParts(load);
  return {
    ...buildClientSide(description),
    ...(metrics && { metrics: { plane: metrics.port, path: metrics.path, keep: metrics.keep } }),
  };
}

const tolerated = {
  none: () => 0,
  minority: (nodes: number) => Math.floor((nodes - 1) / 2),
  third: (nodes: number) => Math.floor((nodes - 1) / 3),
} as const;
