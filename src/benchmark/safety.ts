import type { Endpoint, Network, NodeName } from "../contracts/deployment.ts";
import type { BlockHistory, ProbeOptions, Protocol } from "../contracts/protocol.ts";
import type { AgreedPrefix, Fork, SafetyReport } from "../contracts/safety.ts";
import { mapBounded } from "../core/async.ts";
import { describeError } from "../core/errors.ts";
import { type AgreementFindings, keptForks } from "../load/agreement.ts";

/** Longest wait for one answer. */
const answerTimeoutMs = 5_000;
/** All asking ends after so long: what is not known by then is not told. */
const wholeTimeoutMs = 20_000;
const nodesAtOnce = 16;
const heightsAtOnce = 8;

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
 * Asks the nodes after a run for the block at the highest height that all of them hold, and compares.
 *
 * Where the protocol's fingerprints are chained, one equal height stands for the whole prefix below it, and a
 * difference is followed down to its lowest height. Else the heights that were not compared during the run are asked
 * for too, at most a thousand of them, and a difference is told as it was seen.
 *
 * @throws the signal's reason on abort; a node that does not answer is told in the report
 */
export async function checkSafety(request: SafetyRequest): Promise<SafetyReport> {
  const { network, protocol, agreement, leftOut, signal } = request;
  const soon = AbortSignal.any([signal, AbortSignal.timeout(wholeTimeoutMs)]);
  const notAsked: { node: NodeName; reason: string }[] = [...leftOut].map(([node, reason]) => ({
    node,
    reason,
  }));
  const { history } = protocol;
  const named = network.nodes.filter(({ name }) => history !== undefined && !leftOut.has(name));
  const asked = await mapBounded(
    named,
    nodesAtOnce,
    async ({ name: node }): Promise<AskedNode | undefined> => {
      const rpc = network.endpoint(node, "coordinator", "rpc");
      try {
        const { height } = await protocol.probe(rpc, { timeoutMs: answerTimeoutMs, signal: soon });
        return { node, rpc, height };
      } catch (error) {
        signal.throwIfAborted();
        notAsked.push({ node, reason: describeError(error) });
        return undefined;
      }
    },
  );
  const nodes = asked.filter((node) => node !== undefined);
  const found =
    history === undefined ? nothing : await compareChains({ history, nodes, agreement, signal: soon });
  signal.throwIfAborted();
  const { comparedHeights, uncomparedHeights } = agreement;
  const during = new Set(agreement.forks.map(({ height }) => height));
  return {
    ...{ comparedHeights, uncomparedHeights },
    comparedAfterwards: found.comparedAfterwards,
    prefix: found.prefix,
    notAsked: [...notAsked, ...found.silent].sort(byPlaceIn(network)),
    forks: [...agreement.forks, ...found.forks.filter(({ height }) => !during.has(height))]
      .sort((a, b) => a.height - b.height)
      .slice(0, keptForks),
  };
}

interface AskedNode {
  readonly node: NodeName;
  readonly rpc: Endpoint;
  readonly height: number;
}

interface Comparing {
  readonly history: BlockHistory;
  readonly nodes: readonly AskedNode[];
  readonly agreement: AgreementFindings;
  readonly signal: AbortSignal;
}

interface Found {
  readonly comparedAfterwards: number;
  readonly prefix?: AgreedPrefix | undefined;
  readonly silent: readonly { readonly node: NodeName; readonly reason: string }[];
  readonly forks: readonly Fork[];
}

const nothing: Found = { comparedAfterwards: 0, silent: [], forks: [] };

async function compareChains(comparing: Comparing): Promise<Found> {
  const { history, agreement } = comparing;
  const common = Math.min(...comparing.nodes.map(({ height }) => height));
  if (comparing.nodes.length < 2 || common < 1) return nothing;
  const answers = await mapBounded(comparing.nodes, nodesAtOnce, (node) => ask(comparing, node, common));
  const silent = answers.filter((answer) => "reason" in answer);
  const answering = comparing.nodes.filter(({ node }) => !silent.some((answer) => answer.node === node));
  if (answering.length < 2) return { ...nothing, silent };
  const among = { ...comparing, nodes: answering };
  const top = { height: common, shown: answers.filter((answer) => "fingerprint" in answer) };
  if (!isSame(top)) {
    const parting = history.chained ? await findParting(among, top) : { fork: top };
    return { ...nothing, silent, prefix: prefixOf(parting.agreed, history), forks: [forkOf(parting.fork)] };
  }
  const prefix = prefixOf(top, history);
  if (history.chained) return { ...nothing, silent, prefix };
  const heights = agreement.uncompared.filter((height) => height < common);
  const read = await mapBounded(heights, heightsAtOnce, (height) => readAll(among, height));
  const compared = read.filter((shown) => shown !== undefined);
  const forks = compared.filter((shown) => !isSame(shown)).map(forkOf);
  const lowestFork = Math.min(...forks.map(({ height }) => height));
  return {
    silent,
    comparedAfterwards: compared.length - forks.length,
    prefix: lowestFork < common ? undefined : prefix,
    forks,
  };
}

/** Blocks of one height. */
interface ShownHeight {
  readonly height: number;
  readonly shown: Fork["shown"];
}

type Answer = Fork["shown"][number] | { readonly node: NodeName; readonly reason: string };

async function ask(comparing: Comparing, { node, rpc }: AskedNode, height: number): Promise<Answer> {
  const options: ProbeOptions = { timeoutMs: answerTimeoutMs, signal: comparing.signal };
  try {
    return { node, fingerprint: await comparing.history.fingerprintAt(rpc, height, options) };
  } catch (error) {
    return { node, reason: `its block at height ${height} could not be had: ${describeError(error)}` };
  }
}

/** undefined where not every node shows its block there. */
async function readAll(comparing: Comparing, height: number): Promise<ShownHeight | undefined> {
  const answers = await mapBounded(comparing.nodes, nodesAtOnce, (node) => ask(comparing, node, height));
  const shown = answers.filter((answer) => "fingerprint" in answer);
  return shown.length < comparing.nodes.length ? undefined : { height, shown };
}

/**
 * Where chains part that differ at a height: the lowest height at which blocks can be had and differ, by bisection, and
 * the height below it, where they were seen to agree.
 */
async function findParting(
  comparing: Comparing,
  top: ShownHeight,
): Promise<{ readonly fork: ShownHeight; readonly agreed?: ShownHeight }> {
  let fork = top;
  let agreed: ShownHeight | undefined;
  let below = 0;
  while (fork.height - below > 1) {
    const height = Math.floor((below + fork.height) / 2);
    const shown = await readAll(comparing, height);
    if (shown !== undefined && !isSame(shown)) {
      fork = shown;
      continue;
    }
    // A height that nodes have let go lies below those that they still have.
    below = height;
    if (shown !== undefined) agreed = shown;
  }
  return agreed?.height === fork.height - 1 ? { fork, agreed } : { fork };
}

function isSame({ shown }: ShownHeight): boolean {
  return shown.every(({ fingerprint }) => fingerprint === shown[0]?.fingerprint);
}

function forkOf({ height, shown }: ShownHeight): Fork {
  return { height, seen: "after", shown };
}

function prefixOf(agreed: ShownHeight | undefined, { chained }: BlockHistory): AgreedPrefix | undefined {
  const [first] = agreed?.shown ?? [];
  if (agreed === undefined || first === undefined) return undefined;
  const nodes = agreed.shown.map(({ node }) => node);
  return { height: agreed.height, fingerprint: first.fingerprint, nodes, chained };
}

function byPlaceIn({ nodes }: Pick<Network, "nodes">) {
  const place = ({ node }: { readonly node: NodeName }) => nodes.findIndex(({ name }) => name === node);
  return (a: { readonly node: NodeName }, b: { readonly node: NodeName }) => place(a) - place(b);
}
