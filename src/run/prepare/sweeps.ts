import type { SweepParameters } from "../../contracts/parameters.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import { ConfigurationError, type Diagnostic } from "../../core/errors.ts";
import { checkBoth, checkParameters } from "../../options/checks/check.ts";
import type { CheckedParameters, GivenParameters } from "../../options/checks/given.ts";
import type { PlannedVariation } from "../../options/checks/vary.ts";
import type { HostSources } from "../../options/hosts/description.ts";
import { tryPlan } from "./plan-network.ts";
import { checkPoints } from "./points.ts";
import { type CheckedSweep, checkSystem, chooseSystem, type SystemBackend } from "./system.ts";

/** What was given of a benchmark. */
export interface GatheredSweeps {
  readonly given: GivenParameters;
  readonly hosts: HostSources;
  /** What is given of each sweep, where something is varied. */
  readonly variation?: PlannedVariation | undefined;
}

/** What it would make of that: one sweep, one on each network, or one for each point. All diagnostics of them. */
export function checkSweeps(
  gathered: GatheredSweeps,
  backend: SystemBackend,
): { readonly parameters: readonly SweepParameters[]; readonly diagnostics: readonly Diagnostic[] } {
  const { variation } = gathered;
  if (variation !== undefined) {
    const { points, diagnostics } = checkPoints(variation, (given) => checkSweep(given, gathered, backend));
    return { parameters: points.map(({ request }) => request.parameters), diagnostics };
  }
  if (gathered.given.networkType?.value !== "both") {
    const { parameters, diagnostics } = checkSweep(gathered.given, gathered, backend);
    return { parameters: [parameters], diagnostics };
  }
  const { protocol, given, limits, diagnostics } = chooseSystem(gathered.given, backend);
  const sides = Object.values(checkBoth(given, limits, gathered.hosts));
  return {
    parameters: sides.map(({ parameters }) => parameters),
    diagnostics: [
      ...diagnostics,
      ...sides.flatMap((side) => side.diagnostics),
      ...sides.flatMap((side) => findMisfits(side, protocol, backend)),
    ],
  };
}

/** One sweep, as a benchmark would make it, with what does not fit its nodes. */
function checkSweep(given: GivenParameters, { hosts }: GatheredSweeps, backend: SystemBackend): CheckedSweep {
  const checked = checkSystem(given, backend, (found, limits) => checkParameters(found, limits, hosts));
  const misfits = findMisfits(checked, checked.protocol, backend);
  return { ...checked, diagnostics: [...checked.diagnostics, ...misfits] };
}

/** What of links and timeline does not fit the nodes that would be planned. */
function findMisfits(
  { parameters, diagnostics }: CheckedParameters,
  protocol: Protocol | undefined,
  { findProgram }: SystemBackend,
): readonly Diagnostic[] {
  const hasAny = parameters.links !== undefined || parameters.timeline !== undefined;
  if (protocol === undefined || diagnostics.length > 0 || !hasAny) return [];
  try {
    return tryPlan(protocol, parameters, findProgram).diagnostics;
  } catch (error) {
    // What the protocol refuses is reported when it plans.
    if (error instanceof ConfigurationError) return [];
    throw error;
  }
}
