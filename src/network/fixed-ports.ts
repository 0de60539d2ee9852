/** Ports that programs listen on whatever they are told, where nodes share one machine. */
import type { DeploymentPlan, NodeGroup, Plane } from "../contracts/deployment.ts";
import type { Fault } from "../core/errors.ts";
import { listPlannedNodes } from "./plan-nodes.ts";
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
export async function checkFixedPorts(plan: DeploymentPlan, host: string): Promise<Fault[]> {
  const crowds = plan.groups.flatMap(({ role, count, ports }) => {
    if (count < 2) return [];
    return listFixedPorts({ ports }).map(({ plane, port }) =>
      clash(
        `All ${count} nodes of role ${role} would listen on port ${port} (${plane}): their program does so whatever ` +
          "it is told, so that one alone can be a plain process of this machine. Give --runtime docker.",
      ),
    );
  });
  const claims = new Map<number, string[]>();
  for (const { role, ports } of plan.groups) {
    for (const { plane, port } of listFixedPorts({ ports })) {
      claims.set(port, [...(claims.get(port) ?? []), `${plane} of ${role}`]);
    }
  }
  const doubles = [...claims]
    .filter(([, planes]) => planes.length > 1)
    .map(([port, planes]) => clash(`Port ${port} is to be both ${planes.join(" and ")}. Give each its own.`));
  const held = await Promise.all([...claims.keys()].map((port) => checkFree(plan, { host, port })));
  return [...crowds, ...doubles, ...held.filter((fault) => fault !== undefined)];
}

async function checkFree(
  plan: DeploymentPlan,
  { host, port }: { host: string; port: number },
): Promise<Fault | undefined> {
  if (await isPortFree(host, port)) return undefined;
  const holder = await findPortHolder(port, host);
  const nodes = listPlannedNodes(plan).filter(({ group }) =>
    listFixedPorts(group).some((fixed) => fixed.port === port),
  );
  const needs = `${nodes[0]?.name} listens there whatever it is told`;
  if (holder !== undefined) {
    return clash(`Port ${port} is held by ${holder.description}, and ${needs}. End that process.`);
  }
  const why = port < 1024 ? " (ports below 1024 are kept for root)" : "";
  return clash(`Port ${port} cannot be listened on by this user${why}, and ${needs}. Give --runtime docker.`);
}

function clash(message: string): Fault {
  return { code: "port-conflict", message };
}
