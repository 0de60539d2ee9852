import type { Protocol, RoutineReports } from "../../../contracts/protocol.ts";
import { InvalidArgumentError } from "../../../core/errors.ts";
import { nodesWorkload } from "../native/run.ts";
import { loadOfNodes } from "../native/workload.ts";
import { followTest } from "./follow.ts";

function reportsOf({ name, routines }: Protocol): RoutineReports {
  if (routines !== undefined) return routines;
  throw new InvalidArgumentError(`The nodes of ${name} run no routines. Omit the workload.`);
}

/** Routines that peers run in a test, which begins and ends with the window. */
export const routinesWorkload = nodesWorkload({
  check: () => [],
  nodeLoad: loadOfNodes,
  follow: async (level) => followTest(level, reportsOf(level.protocol)),
});
