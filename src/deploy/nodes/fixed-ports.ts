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
  const crowds = plan.groups.flatMap(({ role, count, ports, portsPlace }) => {
    if (count < 2) return [];
    return listFixedPorts({ ports }).map(({ plane, port }) =>
      clash(
        `All ${count} nodes of role ${role} would listen on port ${port} (${plane}): their program does so whatever ` +
          "it is told, so that one alone can be a plain process of this machine. Give --runtime docker." +
          saidIn([portsPlace]),
      ),
    );
  });
  const claims = new Map<number, Claim[]>();
  for (const { role, ports, portsPlace } of plan.groups) {
    for (const { plane, port } of listFixedPorts({ ports })) {
      claims.set(port, [...(claims.get(port) ?? []), { what: `${plane} of ${role}`, place: portsPlace }]);
    }
  }
  const doubles = [...claims]
    .filter(([, several]) => several.length > 1)
    .map(([port, several]) => {
      const both = several.map(({ what }) => what).join(" and ");
      const places = saidIn(several.map(({ place }) => place));
      return clash(`Port ${port} is to be both ${both}. Give each its own.${places}`);
    });
  const held = await Promise.all([...claims.keys()].map((port) => checkFree(plan, { host, port })));
  return [...crowds, ...doubles, ...held.filter((diagnostic) => diagnostic !== undefined)];
}

/** A plane that is to be on a port, and where somebody wrote that. */
interface Claim {
  readonly what: string;
  readonly place: string | undefined;
}

/** A sentence, with a blank before it. */
function saidIn(places: readonly (string | undefined)[]): string {
  const known = [...new Set(places)].filter((place) => place !== undefined);
  return known.length === 0 ? "" : ` It is asked for in ${known.join(" and ")}.`;
}

async function checkFree(
  plan: DeploymentPlan,
  { host, port }: { host: string; port: number },
): Promise<Diagnostic | undefined> {
  if (await isPortFree(host, port)) return undefined;
  const holder = await findPortHolder(port, host);
  const nodes = listPlannedNodes(plan).filter(({ group }) =>
    listFixedPorts(group).some((fixed) => fixed.port === port),
  );
  const places = saidIn(nodes.map(({ group }) => group.portsPlace));
  const needs = `${nodes[0]?.name} listens there whatever it is told`;
  if (holder !== undefined) {
    return clash(`Port ${port} is held by ${holder.description}, and ${needs}. End that process.${places}`);
  }
  const why = port < 1024 ? " (ports below 1024 are kept for root)" : "";
  return clash(
    `Port ${port} cannot be listened on by this user${why}, and ${needs}. Give --runtime docker.${places}`,
  );
}

function clash(message: string): Diagnostic {
  return { code: "port-conflict", message };
}
