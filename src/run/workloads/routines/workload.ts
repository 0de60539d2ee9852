import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { Protocol, RoutineReports } from "../../../contracts/protocol.ts";
import { type Diagnostic, InvalidArgumentError } from "../../../core/errors.ts";
import { routineUse } from "../../../results/analysis/routines/use.ts";
import { nodesWorkload } from "../native/run.ts";
import { loadOfNodes, refuseCrashes } from "../native/workload.ts";
import { followTest } from "./follow.ts";

function reportsOf({ name, routines }: Protocol): RoutineReports {
  if (routines !== undefined) return routines;
  throw new InvalidArgumentError(`The nodes of ${name} run no routines. Omit the workload.`);
}

/** The results of a test are read whole, some 3 kB for each data point. */
const mostPoints = 80_000;

function refuseTooManyPoints({
  committee,
  durationSecs,
  protocolOptions,
}: Pick<SweepParameters, "committee" | "durationSecs" | "protocolOptions">): Diagnostic[] {
  const { stepMs } = routineUse({ peers: [], windowSecs: 0, networkType: "local", protocolOptions });
  const points = (committee * (durationSecs ?? 0) * 1000) / stepMs;
  if (points <= mostPoints) return [];
  const leastMs = Math.ceil((stepMs * points) / mostPoints / 1000) * 1000;
  const message = `statsSubmitIntervalMs: ${committee} peers send ${Math.round(points)} data points in ${durationSecs} s, and a test has at most ${mostPoints}. Use --protocol-option statsSubmitIntervalMs=${leastMs}, fewer peers, or a shorter test.`;
  return [{ code: "protocol-option", message }];
}

/** Routines that peers run in a test, which begins and ends with the window. */
export const routinesWorkload = nodesWorkload({
  check: (protocol, parameters) => [
    ...refuseCrashes(protocol, parameters.timeline),
    ...refuseTooManyPoints(parameters),
  ],
  nodeLoad: loadOfNodes,
  follow: (level) => followTest(level, reportsOf(level.protocol)),
});
