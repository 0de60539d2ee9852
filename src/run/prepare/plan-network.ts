import type { DeploymentPlan, NodeGroup } from "../../contracts/deployment.ts";
import type { NodeLoad } from "../../contracts/load/node-load.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import { optionsOnHosts, readProtocolOptions } from "../../contracts/protocol-options.ts";
import { present } from "../../core/documents/numbers.ts";
import { ConfigurationError, type Diagnostic } from "../../core/errors.ts";
import { type LinkingParameters, planLinks } from "./plan-links.ts";

/** All options of the protocol, as results tell them: those that were given, and the defaults of the others. */
export function effectiveOptions(
  { name, options }: Pick<Protocol, "name" | "options">,
  { networkType, protocolOptions }: Pick<SweepParameters, "networkType" | "protocolOptions">,
): SweepParameters["protocolOptions"] {
  const table = networkType === "remote" ? optionsOnHosts(options) : options;
  // What is wrong with those that were given, the protocol says when it plans.
  return { ...readProtocolOptions(name, table, protocolOptions).values, ...protocolOptions };
}

/** What of a sweep's parameters its plan depends on; those of links and timeline, where it has any. */
export type PlanParameters = Pick<SweepParameters, "committee" | "protocolOptions" | "program"> &
  (LinkingParameters | { readonly links?: undefined; readonly timeline?: undefined });

/** Who plans the nodes. */
type Planning = Pick<Protocol, "plan" | "messages">;

/**
 * What a sweep deploys: the nodes of its committee and their helpers, as the protocol plans them, and the links between
 * them.
 *
 * @param findProgram looks for a foreign program of which neither user nor adapter say where it is
 * @param load that the nodes are to make, where they make it themselves
 * @throws ConfigurationError where the protocol refuses its options, or links or timeline do not fit the nodes
 */
export function planNetwork(
  protocol: Planning,
  parameters: PlanParameters,
  findProgram: (name: string) => string | undefined = () => undefined,
  load?: NodeLoad,
): DeploymentPlan {
  const { plan, diagnostics } = tryPlan(protocol, parameters, findProgram, load);
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  return plan;
}

/** The same; where links or timeline do not fit, the plan without them, and why. */
export function tryPlan(
  protocol: Planning,
  parameters: PlanParameters,
  findProgram: (name: string) => string | undefined,
  load?: NodeLoad,
): { readonly plan: DeploymentPlan; readonly diagnostics: readonly Diagnostic[] } {
  const { committee, protocolOptions, program } = parameters;
  const plan = protocol.plan({ nodes: committee, options: protocolOptions, program, load });
  const locate = (group: NodeGroup): NodeGroup => {
    const isSaid = program?.image !== undefined || group.program.kind !== "foreign-program";
    if (isSaid || group.program.path !== undefined) return group;
    const path = findProgram(group.program.name);
    return path === undefined ? group : { ...group, program: { ...group.program, path } };
  };
  const located = { ...plan, groups: plan.groups.map(locate) };
  const isPlain = parameters.links === undefined && parameters.timeline === undefined;
  if (isPlain && plan.needsOverlay !== true) return { plan: located, diagnostics: [] };
  // Without a timeline, windows and loads are no matter.
  const linking = { seed: "", ...parameters } as LinkingParameters;
  const { diagnostics, ...planned } = planLinks(located, linking, protocol.messages !== undefined);
  return { plan: { ...located, ...present(planned) }, diagnostics };
}
