import type { Network } from "../../contracts/deployment.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import type { SafetyReport } from "../../contracts/results/safety.ts";
import { mapBounded } from "../../core/async.ts";
import { describeError } from "../../core/errors.ts";
import { type AgreementFindings, keptForks } from "../../load/plan/agreement.ts";
import {
  type AskedNode,
  answerTimeoutMs,
  compareChains,
  nodesAtOnce,
  nothingFound,
} from "./compare-chains.ts";

/** All asking ends after so long: what is not known by then is not told. */
const wholeTimeoutMs = 20_000;

export interface SafetyRequest {
  readonly network: Pick<Network, "nodes" | "endpoint">;
  readonly protocol: Pick<Protocol, "probe" | "history">;
  /** What comparing the nodes' blocks came to while the run went on. */
  readonly agreement: AgreementFindings;
  /** Nodes that are not to be asked, and why. */
  readonly leftOut: ReadonlyMap<NodeName, string>;
  readonly signal: AbortSignal;
}

/**
 * Asks the nodes after a run for the block at the highest height that all hold, and compares; one that is too far
 * behind is named, and the others are compared. Where fingerprints are chained, one equal height stands for the prefix
 * below it, and a difference is followed down to its lowest height. Else heights that were not compared during the run
 * are asked for too, at most a thousand, and a difference is told as it was seen.
 * @throws the signal's reason on abort; a node that does not answer is told in the report
 */
export async function checkSafety(request: SafetyRequest): Promise<SafetyReport> {
  const { network, protocol, agreement, leftOut, signal } = request;
  const soon = AbortSignal.any([signal, AbortSignal.timeout(wholeTimeoutMs)]);
  const notAsked = [...leftOut].map(([node, reason]) => ({ node, reason }));
  const { history } = protocol;
  const named = network.nodes.filter(({ name }) => history !== undefined && !leftOut.has(name));
  const asked = await mapBounded(
    named,
    nodesAtOnce,
    async ({ name: node }): Promise<AskedNode | undefined> => {
      const rpc = network.endpoint(node, "coordinator", "rpc");
      try {
        const { height } = await protocol.probe(rpc, { timeoutMs: answerTimeoutMs, signal: soon });
        if (height === undefined) throw new TypeError(`${node} reports no height`);
        return { node, rpc, height };
      } catch (error) {
        signal.throwIfAborted();
        notAsked.push({ node, reason: describeError(error) });
        return undefined;
      }
    },
  );
  const nodes = asked.filter((node) => node !== undefined);
  const { comparedHeights, uncomparedHeights, uncompared } = agreement;
  const found =
    history === undefined ? nothingFound : await compareChains({ history, nodes, uncompared, signal: soon });
  signal.throwIfAborted();
  const during = new Set(agreement.forks.map(({ height }) => height));
  const forks = [...agreement.forks, ...found.forks.filter(({ height }) => !during.has(height))].sort(
    (a, b) => a.height - b.height,
  );
  const place = ({ node }: { readonly node: NodeName }) =>
    network.nodes.findIndex(({ name }) => name === node);
  const lowestFork = forks[0]?.height ?? Number.POSITIVE_INFINITY;
  return {
    ...{ comparedHeights, uncomparedHeights },
    comparedAfterwards: found.comparedAfterwards,
    // What nodes show alike at one height says nothing of a fork below it that was seen all the same.
    prefix: found.prefix !== undefined && found.prefix.height < lowestFork ? found.prefix : undefined,
    notAsked: [...notAsked, ...found.notAsked].sort((a, b) => place(a) - place(b)),
    forks: forks.slice(0, keptForks),
  };
}
