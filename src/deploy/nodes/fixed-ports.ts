/** Ports that programs listen on whatever they are told, where nodes share one machine. */
import type { DeploymentPlan, NodeGroup } from "../../contracts/deployment.ts";
import type { Plane } from "../../contracts/nodes/node.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { listPlannedNodes } from "./planned.ts";
import { findPortHolder, isPortFree } from "./ports.ts";

interface FixedPort {
  readonly plane: Plane;
  readonly port: number;
}

/** The fixed ports of a group's nodes. */
export function listFixedPorts(group: Pick<NodeGroup, "ports">): readonly FixedPort[] {
  return Object.entries(group.ports ?? {}).map(([plane, port]) => ({ plane: plane as Plane, port }));
}

/** What keeps the nodes of a plan from listening side by side on `host`, each on its fixed ports. */
export async function checkFixedPorts(plan: DeploymentPlan, host: string): Promise<Diagnostic[]> {
  const wanted = plan.groups.flatMap((group) =>
    listFixedPorts(group).map((fixed): WantedPort => ({ ...fixed, group })),
  );
  const crowds = wanted
    .filter(({ group }) => group.count > 1)
    .map(({ group, plane, port }) =>
      clash(
        `All ${group.count} nodes of role ${group.role} would listen on port ${port} (${plane}): their program always uses ` +
          "this port, so only one of them can run as a plain process on this machine. Use --runtime docker.",
        [group],
      ),
    );
  const ports = [...new Set(wanted.map(({ port }) => port))];
  const doubles = ports.flatMap((port) => {
    const several = wanted.filter((each) => each.port === port);
    if (several.length < 2) return [];
    const both = several.map(({ plane, group }) => `${plane} of ${group.role}`).join(" and ");
    return clash(`Port ${port} is assigned to both ${both}. Give each its own port.`, groupsOf(several));
  });
  const held = await Promise.all(ports.map((port) => checkFree(plan, { host, port })));
  return [...crowds, ...doubles, ...held.filter((diagnostic) => diagnostic !== undefined)];
}

interface WantedPort extends FixedPort {
  readonly group: NodeGroup;
}

const groupsOf = (things: readonly { readonly group: NodeGroup }[]) => things.map(({ group }) => group);

async function checkFree(
  plan: DeploymentPlan,
  { host, port }: { host: string; port: number },
): Promise<Diagnostic | undefined> {
  if (await isPortFree(host, port)) return undefined;
  const holder = await findPortHolder(port, host);
  const nodes = listPlannedNodes(plan).filter(({ group }) =>
    listFixedPorts(group).some((fixed) => fixed.port === port),
  );
  const needs = `${nodes[0]?.name} always listens there`;
  if (holder !== undefined) {
    const message = `Port ${port} is in use by ${holder.description}, but ${needs}. End that process.`;
    return clash(message, groupsOf(nodes));
  }
  const why = port < 1024 ? " (ports below 1024 are reserved for root)" : "";
  const message = `This user cannot listen on port ${port}${why}, but ${needs}. Use --runtime docker.`;
  return clash(message, groupsOf(nodes));
}

/** @param groups whose ports they are: the message ends with where a user wrote them down */
function clash(message: string, groups: readonly NodeGroup[]): Diagnostic {
  const places = [...new Set(groups.flatMap(({ portsPlace }) => portsPlace ?? []))];
  const said = places.length === 0 ? "" : ` It is set in ${places.join(" and ")}.`;
  return { code: "port-conflict", message: `${message}${said}` };
}
