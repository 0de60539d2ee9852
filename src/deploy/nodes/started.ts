/** Processes that nodes have started, which are theirs in all that is measured. */
import type { DeploymentPlan } from "../../contracts/deployment.ts";
import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import { membersOf } from "../../core/process/groups.ts";
import { listPlannedNodes } from "./planned.ts";

/** Nodes whose programs may start others. To look for these reads all processes, which other nodes are spared. */
export function findStarters(plan: Pick<DeploymentPlan, "groups">): ReadonlySet<string> {
  const mayStart = listPlannedNodes(plan).filter(({ group: { program } }) =>
    program.kind === "foreign-program" ? true : (program.system ?? []).length > 0,
  );
  return new Set(mayStart.map(({ name }) => name));
}

/** @param first of each node, by the numbers of this machine */
export async function withStarted(
  first: readonly OwnProcess[],
  starters: ReadonlySet<string>,
): Promise<OwnProcess[]> {
  const all = first.map(async (own) => {
    if (own.node === undefined || !starters.has(own.node)) return [own];
    return (await membersOf(own.pid)).map((pid) => ({ ...own, pid }));
  });
  return (await Promise.all(all)).flat();
}
