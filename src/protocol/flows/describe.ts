import type { Protocol } from "../../contracts/protocol.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { protocolOf } from "./flows.ts";
import { definitionDiagnosticsOf, parseFlows } from "./parse.ts";
import type { FlowsFile } from "./schema.ts";

interface OpenedFlows {
  readonly protocol?: Protocol | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The scenario that a YAML text describes. */
export function parseFlowsProtocol(text: string, name: string): OpenedFlows {
  const { file, diagnostics } = parseFlows(text, name);
  return file === undefined ? { diagnostics } : { protocol: protocolOf(file, file), diagnostics };
}

/** The same from what a bundle kept of it. */
export function buildFlowsProtocol(definition: FlowsFile): OpenedFlows {
  const diagnostics = definitionDiagnosticsOf(definition);
  return diagnostics.length > 0
    ? { diagnostics }
    : { protocol: protocolOf(definition, definition), diagnostics };
}
