import type { Endpoint, NodeName } from "../../contracts/nodes/node.ts";
import type { BlockHistory, ProbeOptions } from "../../contracts/protocol.ts";
import type { AgreedPrefix, Fork, SafetyReport, ShownBlock } from "../../contracts/results/safety.ts";
import { mapBounded } from "../../core/async.ts";
import { describeError } from "../../core/errors.ts";

/** Longest wait for one answer. */
export const answerTimeoutMs = 5_000;
export const nodesAtOnce = 16;
const heightsAtOnce = 8;

export interface AskedNode {
  readonly node: NodeName;
  readonly rpc: Endpoint;
  readonly height: number;
}

export interface Comparing {
  readonly history: BlockHistory;
  readonly nodes: readonly AskedNode[];
  /** Heights that were not compared while the run went on; asked for where fingerprints are not chained. */
  readonly uncompared: readonly number[];
  /** What is not answered by then is not told. */
  readonly signal: AbortSignal;
}

type Found = Pick<SafetyReport, "comparedAfterwards" | "prefix" | "notAsked" | "forks">;

export const nothingFound: Found = { comparedAfterwards: 0, notAsked: [], forks: [] };

/** Asks nodes for their blocks at the highest height that they have in common, and compares. Never rejects. */
export async function compareChains(comparing: Comparing): Promise<Found> {
  const begun = comparing.nodes.filter(({ height }) => height > 0);
  const empty = comparing.nodes
    .filter(({ height }) => height === 0)
    .map(({ node }) => ({ node, reason: "at height 0, it has no block" }));
  if (begun.length < 2) return { ...nothingFound, notAsked: empty };
  const top = await readTop({ ...comparing, nodes: begun });
  const answering = begun.filter(({ node }) => top.shown.some((block) => block.node === node));
  const found =
    answering.length < 2 ? nothingFound : await compareBelow({ ...comparing, nodes: answering }, top);
  return { ...found, notAsked: [...empty, ...explainSilence(begun, top)] };
}

async function compareBelow(comparing: Comparing, top: ReadHeight): Promise<Omit<Found, "notAsked">> {
  const { history } = comparing;
  if (!isSame(top)) {
    const parting: Parting = history.chained ? await findParting(comparing, top) : { fork: top };
    const { fork, agreed, notFollowed } = parting;
    const forks = [{ ...forkOf(fork), ...(notFollowed && { notFollowed }) }];
    return { comparedAfterwards: 0, prefix: prefixOf(agreed, history), forks };
  }
  const prefix = prefixOf(top, history);
  if (history.chained) return { comparedAfterwards: 0, prefix, forks: [] };
  const heights = comparing.uncompared.filter((height) => height < top.height);
  const read = await mapBounded(heights, heightsAtOnce, (height) => readAll(comparing, height));
  const forks = read.filter((one) => !isSame(one)).map(forkOf);
  const same = read.filter((one) => isSame(one) && one.silent.length === 0);
  return { comparedAfterwards: same.length, prefix, forks };
}

interface Silence {
  readonly node: NodeName;
  /** It says itself that it has no block there; else nobody knows what it holds. */
  readonly lacks: boolean;
  readonly reason: string;
}

interface ReadHeight {
  readonly height: number;
  readonly shown: readonly ShownBlock[];
  readonly silent: readonly Silence[];
}

async function ask(
  comparing: Comparing,
  { node, rpc }: AskedNode,
  height: number,
): Promise<ShownBlock | Silence> {
  const options: ProbeOptions = { timeoutMs: answerTimeoutMs, signal: comparing.signal };
  try {
    const fingerprint = await comparing.history.fingerprintAt(rpc, height, options);
    return fingerprint === undefined
      ? { node, lacks: true, reason: `it does not have the block at height ${height}` }
      : { node, fingerprint };
  } catch (error) {
    const reason = `its block at height ${height} could not be fetched: ${describeError(error)}`;
    return { node, lacks: false, reason };
  }
}

async function readAll(comparing: Comparing, height: number): Promise<ReadHeight> {
  const answers = await mapBounded(comparing.nodes, nodesAtOnce, (node) => ask(comparing, node, height));
  return {
    height,
    shown: answers.filter((answer) => "fingerprint" in answer),
    silent: answers.filter((answer) => "reason" in answer),
  };
}

/**
 * The highest height that nodes have in common. Where one is so far behind that others have let go of what it has,
 * those above it are asked for theirs, and the height at which more answer is taken.
 */
async function readTop(comparing: Comparing): Promise<ReadHeight> {
  const top = await readAll(comparing, Math.min(...comparing.nodes.map(({ height }) => height)));
  const above = comparing.nodes.filter(({ height }) => height > top.height);
  if (!isSame(top) || above.length < 2 || !top.silent.some(({ lacks }) => lacks)) return top;
  const higher = await readTop({ ...comparing, nodes: above });
  return !isSame(higher) || higher.shown.length >= top.shown.length ? higher : top;
}

function explainSilence(nodes: readonly AskedNode[], top: ReadHeight): SafetyReport["notAsked"] {
  const behind = nodes
    .filter(({ height }) => height < top.height)
    .map(({ node, height }) => ({
      node,
      reason: `at height ${height}, too far behind: the others no longer have that block`,
    }));
  return [...behind, ...top.silent.map(({ node, reason }) => ({ node, reason }))];
}

interface Parting {
  readonly fork: ReadHeight;
  readonly agreed?: ReadHeight | undefined;
  readonly notFollowed?: string | undefined;
}

/**
 * Where chains part that differ at a height, by bisection: the lowest height at which blocks can be had and differ, and
 * the one below it, where they agree. What nodes have let go of lies below what they still have; where one does not
 * answer, twice, nothing is known of the heights below.
 */
async function findParting(comparing: Comparing, top: ReadHeight): Promise<Parting> {
  let fork = top;
  let agreed: ReadHeight | undefined;
  let below = 0;
  while (fork.height - below > 1) {
    const height = Math.floor((below + fork.height) / 2);
    let read = await readAll(comparing, height);
    if (isUndecided(read)) read = await readAll(comparing, height);
    const [unheard] = read.silent;
    if (isUndecided(read) && unheard !== undefined) {
      return { fork, notFollowed: `${unheard.node}: ${unheard.reason}` };
    }
    if (!isSame(read)) {
      fork = read;
      continue;
    }
    below = height;
    if (read.silent.length === 0) agreed = read;
  }
  return agreed?.height === fork.height - 1 ? { fork, agreed } : { fork };
}

/** A node that did not answer may hold the same as the others, or not. */
function isUndecided(read: ReadHeight): boolean {
  return isSame(read) && read.silent.length > 0 && !read.silent.some(({ lacks }) => lacks);
}

function isSame({ shown }: ReadHeight): boolean {
  return shown.every(({ fingerprint }) => fingerprint === shown[0]?.fingerprint);
}

function forkOf({ height, shown }: ReadHeight): Fork {
  return { height, seen: "after", shown };
}

function prefixOf(agreed: ReadHeight | undefined, { chained }: BlockHistory): AgreedPrefix | undefined {
  const [first] = agreed?.shown ?? [];
  if (agreed === undefined || first === undefined) return undefined;
  const nodes = agreed.shown.map(({ node }) => node);
  return { height: agreed.height, fingerprint: first.fingerprint, nodes, chained };
}
