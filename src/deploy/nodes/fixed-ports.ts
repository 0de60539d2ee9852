/** Ports that programs listen on whatever they are told, or a user wants, where nodes share one machine. */
import type { DeploymentPlan, NodeGroup } from "../../contracts/deployment.ts";
import type { Endpoint, Plane } from "../../contracts/nodes/node.ts";
import { highestPort } from "../../core/address.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { type BasePorts, findOverlap, movedFlags, movedPort } from "./base-ports.ts";
import { type GroupedNode, listPlannedNodes } from "./planned.ts";
import { findPortHolder, isPortFree } from "./ports.ts";

/** The port that the plan gives to a node; undefined where its deployer chooses. */
export function fixedPort(
  { group, index }: Pick<GroupedNode, "group" | "index">,
  plane: Plane,
): number | undefined {
  const port = group.ports?.[plane];
  return typeof port === "object" ? port.base + index : port;
}

/** Whose port it is, in messages. */
const nameOf = ({ plane, group }: { readonly plane: Plane; readonly group: NodeGroup }) =>
  `${plane} of ${group.role}`;

/** Ports that are counted up beyond the last one there is. */
function checkPortRanges({ groups }: DeploymentPlan): Diagnostic[] {
  return groups.flatMap((group) =>
    planesOf(group).flatMap((plane) => {
      const last = fixedPort({ group, index: group.count - 1 }, plane) ?? 0;
      if (last <= highestPort) return [];
      const message = `The last of ${group.count} nodes of role ${group.role} would listen on port ${last} (${plane}), but ports end at ${highestPort}. Lower the base, or use fewer nodes.`;
      return clash(message, [group]);
    }),
  );
}

const planesOf = ({ ports = {} }: NodeGroup) => Object.keys(ports) as Plane[];

/** What keeps the nodes of a plan from listening side by side on `host`, each on its fixed ports. */
export async function checkFixedPorts(plan: DeploymentPlan, host: string): Promise<Diagnostic[]> {
  const crowds = plan.groups
    .filter(({ count }) => count > 1)
    .flatMap((group) =>
      planesOf(group)
        .filter((plane) => typeof group.ports?.[plane] === "number")
        .map((plane) =>
          clash(
            `All ${group.count} nodes of role ${group.role} would listen on port ${fixedPort({ group, index: 0 }, plane)} (${plane}): their program always uses ` +
              "this port, so only one of them can run as a plain process on this machine. Use --runtime docker.",
            [group],
          ),
        ),
    );
  const wanted = listPlannedNodes(plan).flatMap((node) =>
    planesOf(node.group).flatMap((plane) => {
      const port = fixedPort(node, plane) ?? 0;
      // Of those that are all alike the first stands for all, and those that are none are reported as such.
      const isAnother = typeof node.group.ports?.[plane] === "number" && node.index > 0;
      return isAnother || port > highestPort ? [] : [{ ...node, plane, port }];
    }),
  );
  const ports = [...Map.groupBy(wanted, ({ port }) => port)];
  const doubles = ports.flatMap(([port, several]) => {
    if (several.length < 2) return [];
    const groups = several.map(({ group }) => group);
    return { port, both: several.map(nameOf).join(" and "), groups };
  });
  const held = await Promise.all(
    ports.map(async ([port, several]) => {
      const groups = several.map(({ group }) => group);
      const needs = `${several[0]?.name} always listens there`;
      const why = await whyNotFree({ host, port }, needs, "End that process.");
      return why === undefined ? [] : [clash(why, groups)];
    }),
  );
  return [...checkPortRanges(plan), ...crowds, ...doubleDiagnostics(doubles), ...held.flat()];
}

interface Double {
  readonly port: number;
  readonly both: string;
  readonly groups: readonly NodeGroup[];
}

/** Of two that count up into each other, the first port that both have. */
function doubleDiagnostics(doubles: readonly Double[]): Diagnostic[] {
  const firsts = [...Map.groupBy(doubles, ({ both }) => both).values()].flatMap(([first]) => first ?? []);
  return firsts.map(({ port, both, groups }) =>
    clash(`Port ${port} is assigned to both ${both}. Give each its own port.`, groups),
  );
}

/**
 * What keeps the nodes of a plan from listening each in a container of its own.
 *
 * @param portOf where a node listens in its container
 */
export function checkContainerPorts(
  plan: DeploymentPlan,
  portOf: (node: GroupedNode, plane: Plane) => number,
): Diagnostic[] {
  const doubles = listPlannedNodes(plan).flatMap((node) => {
    const { group } = node;
    const own = Map.groupBy(group.planes, (plane) => portOf(node, plane));
    return [...own].flatMap(([port, planes]) =>
      planes.length < 2
        ? []
        : { port, both: planes.map((plane) => nameOf({ plane, group })).join(" and "), groups: [group] },
    );
  });
  return [...checkPortRanges(plan), ...doubleDiagnostics(doubles)];
}

/** What keeps the nodes of a plan from listening on ports of `host` that a user moved them to. */
export async function checkMovedPorts(
  plan: DeploymentPlan,
  host: string,
  bases: BasePorts,
): Promise<Diagnostic[]> {
  const wanted = listPlannedNodes(plan).flatMap((node, i) =>
    node.group.planes.flatMap((plane) => {
      const fixed = fixedPort(node, plane);
      const port = fixed ?? movedPort(bases, plane, i);
      return port === undefined ? [] : [{ node: node.name, plane, port, isMoved: fixed === undefined }];
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
