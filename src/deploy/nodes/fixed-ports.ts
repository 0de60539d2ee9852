/** Ports that programs listen on whatever they are told, or a user wants, where nodes share one machine. */
import type { DeploymentPlan, NodeGroup } from "../../contracts/deployment.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { type BasePorts, findOverlap, movedFlags, movedPort } from "./base-ports.ts";
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
      const endpoint = { host, port };
      const why = await whyNotFree(endpoint, `${node?.name} always listens there`, "End that process.");
      return why === undefined ? [] : [clash(why, groups)];
    }),
  );
  return [...crowds, ...doubles, ...held.flat()];
}

/** What keeps the nodes of a plan from listening on ports of `host` that a user moved them to. */
export async function checkMovedPorts(
  plan: DeploymentPlan,
  host: string,
  bases: BasePorts,
): Promise<Diagnostic[]> {
  const wanted = listPlannedNodes(plan).flatMap(({ name, group: { planes, ports } }, i) =>
    planes.flatMap((plane) => {
      const fixed = ports?.[plane];
      const port = fixed ?? movedPort(bases, plane, i);
      return port === undefined ? [] : [{ node: name, plane, port, isMoved: fixed === undefined }];
    }),
  );
  const moved = wanted.filter(({ isMoved }) => isMoved);
  if (moved.length === 0) return [];
  const flags = movedFlags(bases).join(" or ");
  const held = await Promise.all(
    moved.map(async ({ node, plane, port }): Promise<Diagnostic[]> => {
      const remedy = `End that process, or use other ports with ${flags}.`;
      const message = await whyNotFree({ host, port }, `it would be the ${plane} port of ${node}`, remedy);
      return message === undefined ? [] : [{ code: "port-conflict", message }];
    }),
  );
  return [...findOverlap(wanted), ...held.flat()];
}

/** @param remedy where another process has it */
async function whyNotFree(
  { host, port }: Endpoint,
  needs: string,
  remedy: string,
): Promise<string | undefined> {
  if (await isPortFree(host, port)) return undefined;
  const holder = await findPortHolder(port, host);
  if (holder !== undefined) return `Port ${port} is in use by ${holder.description}, but ${needs}. ${remedy}`;
  const why = port < 1024 ? " (ports below 1024 are reserved for root)" : "";
  return `This user cannot listen on port ${port}${why}, but ${needs}. Use --runtime docker.`;
}

/** @param groups whose ports they are: the message ends with where a user wrote them down */
function clash(message: string, groups: readonly NodeGroup[]): Diagnostic {
  const places = [...new Set(groups.flatMap(({ portsPlace }) => portsPlace ?? []))];
  const said = places.length === 0 ? "" : ` It is set in ${places.join(" and ")}.`;
  return { code: "port-conflict", message: `${message}${said}` };
}
