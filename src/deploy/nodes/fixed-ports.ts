/** Ports that programs listen on whatever they are told, where nodes share one machine. */
import type { DeploymentPlan, NodeGroup } from "../../contracts/deployment.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { listPlannedNodes } from "./planned.ts";
import { findPortHolder, isPortFree } from "./ports.ts";

/** What keeps the nodes of a plan from listening side by side on `host`, each on its fixed ports. */
export async function checkFixedPorts(plan: DeploymentPlan, host: string): Promise<Diagnostic[]> {
  const wanted = plan.groups.flatMap((group) =>
    Object.entries(group.ports ?? {}).map(([plane, port]) => ({ plane, port, group })),
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
  const ports = [...Map.groupBy(wanted, ({ port }) => port)];
  const doubles = ports.flatMap(([port, several]) => {
    if (several.length < 2) return [];
    const both = several.map(({ plane, group }) => `${plane} of ${group.role}`).join(" and ");
    const groups = several.map(({ group }) => group);
    return clash(`Port ${port} is assigned to both ${both}. Give each its own port.`, groups);
  });
  const held = await Promise.all(
    ports.map(async ([port, several]) => {
      const groups = several.map(({ group }) => group);
      const node = listPlannedNodes(plan).find(({ group }) => groups.includes(group));
      const why = await whyNotFree({ host, port }, `${node?.name} always listens there`);
      return why === undefined ? [] : [clash(why, groups)];
    }),
  );
  return [...crowds, ...doubles, ...held.flat()];
}

async function whyNotFree({ host, port }: Endpoint, needs: string): Promise<string | undefined> {
  if (await isPortFree(host, port)) return undefined;
  const holder = await findPortHolder(port, host);
  if (holder !== undefined) {
    return `Port ${port} is in use by ${holder.description}, but ${needs}. End that process.`;
  }
  const why = port < 1024 ? " (ports below 1024 are reserved for root)" : "";
  return `This user cannot listen on port ${port}${why}, but ${needs}. Use --runtime docker.`;
}

/** @param groups whose ports they are: the message ends with where a user wrote them down */
function clash(message: string, groups: readonly NodeGroup[]): Diagnostic {
  const places = [...new Set(groups.flatMap(({ portsPlace }) => portsPlace ?? []))];
  const said = places.length === 0 ? "" : ` It is set in ${places.join(" and ")}.`;
  return { code: "port-conflict", message: `${message}${said}` };
}
