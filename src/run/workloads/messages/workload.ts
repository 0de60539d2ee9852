import type { PeerReports } from "../../../contracts/load/peer-events.ts";
import type { Protocol } from "../../../contracts/protocol.ts";
import { InvalidArgumentError } from "../../../core/errors.ts";
import { nodesWorkload } from "../native/run.ts";
import { loadOfNodes } from "../native/workload.ts";
import { followMessages } from "./follow.ts";

function reportsOf({ name, messages }: Protocol, options: Readonly<Record<string, unknown>>): PeerReports {
  if (messages !== undefined) return messages(options);
  throw new InvalidArgumentError(`The nodes of ${name} do not tell of messages. Omit the workload.`);
}

/** Messages that peers write and others read, as they tell of each. */
export const messagesWorkload = nodesWorkload({
  check: () => [],
  nodeLoad: (parameters, loadTps, plan) => ({
    ...loadOfNodes(parameters, loadTps, plan),
    seed: parameters.seed,
    edges: plan.edges,
  }),
  follow: (level) => followMessages(level, reportsOf(level.protocol, level.parameters.protocolOptions)),
});
