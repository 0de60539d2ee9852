import type { DeploymentPlan, NodeGroup } from "../../contracts/deployment.ts";
import type { NodeLoad } from "../../contracts/load/node-load.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import { optionsOnHosts, readProtocolOptions } from "../../contracts/protocol-options.ts";

/** All options of the protocol, as results tell them: those that were given, and the defaults of the others. */
export function effectiveOptions(
  { name, options }: Pick<Protocol, "name" | "options">,
  { networkType, protocolOptions }: Pick<SweepParameters, "networkType" | "protocolOptions">,
): SweepParameters["protocolOptions"] {
  const table = networkType === "remote" ? optionsOnHosts(options) : options;
  // What is wrong with those that were given, the protocol says when it plans.
  return { ...readProtocolOptions(name, table, protocolOptions).values, ...protocolOptions };
}

/**
 * What a sweep deploys: the nodes of its committee and their helpers, as the protocol plans them.
 *
 * @param findProgram looks for a foreign program of which neither user nor adapter say where it is
 * @param load that the nodes are to make, where they make it themselves
 * @throws ConfigurationError where the protocol refuses its options
 */
export function planNetwork(
  protocol: Pick<Protocol, "plan">,
  { committee, protocolOptions, program }: Pick<SweepParameters, "committee" | "protocolOptions" | "program">,
  findProgram: (name: string) => string | undefined = () => undefined,
  load?: NodeLoad,
): DeploymentPlan {
  const plan = protocol.plan({ nodes: committee, options: protocolOptions, program, load });
  const locate = (group: NodeGroup): NodeGroup => {
    const isSaid = program?.image !== undefined || group.program.kind !== "foreign-program";
    if (isSaid || group.program.path !== undefined) return group;
    const path = findProgram(group.program.name);
    return path === undefined ? group : { ...group, program: { ...group.program, path } };
  };
  return { ...plan, groups: plan.groups.map(locate) };
}
