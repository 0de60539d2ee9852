import type { SweepParameters } from "../config/parameters.ts";
import type { DeploymentPlan, NodeGroup } from "../contracts/deployment.ts";
import type { Protocol } from "../contracts/protocol.ts";

/**
 * The network that a sweep deploys.
 *
 * @param findProgram looks for a foreign program of which neither user nor adapter say where it is
 * @throws ConfigurationError where the protocol refuses its options
 */
export function planNetwork(
  protocol: Pick<Protocol, "plan">,
  { committee, protocolOptions, program }: Pick<SweepParameters, "committee" | "protocolOptions" | "program">,
  findProgram: (name: string) => string | undefined = () => undefined,
): DeploymentPlan {
  const plan = protocol.plan({ nodes: committee, options: protocolOptions, program });
  const locate = (group: NodeGroup): NodeGroup => {
    const isSaid = program?.image !== undefined || group.program.kind !== "foreign-program";
    if (isSaid || group.program.path !== undefined) return group;
    const path = findProgram(group.program.name);
    return path === undefined ? group : { ...group, program: { ...group.program, path } };
  };
  return { ...plan, groups: plan.groups.map(locate) };
}
