/** What it takes for a fault to have its effect on a node, and how that is seen. */
import type { Network, NetworkNode, NodeStatus } from "../../contracts/deployment.ts";
import type { NodeHealth, Protocol } from "../../contracts/protocol.ts";
import { mapBounded, until } from "../../core/async.ts";
import { BaleenError } from "../../core/errors.ts";

export interface EffectView {
  readonly network: Network;
  readonly protocol: Pick<Protocol, "probe">;
  readonly signal: AbortSignal;
}

const crashPollMs = 20;
const recoveryPollMs = 50;
/** A node that is killed ends at once; a container engine may take a moment to say so. */
const crashTimeoutMs = 15_000;
const probeTimeoutMs = 1_000;
const nodesAtOnce = 16;

/** Kills a node. Resolves once it has ended and its RPC refuses. @throws TimeoutError where it goes on */
export async function crashNode(node: NetworkNode, view: EffectView): Promise<void> {
  await node.kill();
  await until(
    async () =>
      isEnded(await node.status()) && (await askHealth(node, view)) === undefined ? true : undefined,
    {
      timeoutMs: crashTimeoutMs,
      everyMs: crashPollMs,
      signal: view.signal,
      describe: () => `it was killed and still runs after ${crashTimeoutMs / 1000} s`,
    },
  );
}

/** Stops a node where it is. Resolves once it stands still. @throws TimeoutError where it goes on */
export async function pauseNode(node: NetworkNode, view: EffectView): Promise<void> {
  await node.pause();
  await until(async () => ((await node.status()).state === "paused" ? true : undefined), {
    timeoutMs: crashTimeoutMs,
    everyMs: crashPollMs,
    signal: view.signal,
    describe: () => `it was paused and still runs after ${crashTimeoutMs / 1000} s`,
  });
}

/**
 * Starts a node on its old home, or lets a paused one go on. Resolves once it says that it has caught up and has reached
 * the height that the others had when it first answered: a node does not know at first how far they are.
 * @throws BaleenError node-ended, where it ends again; TimeoutError after the limit
 */
export async function recoverNode(
  node: NetworkNode,
  view: EffectView,
  options: { readonly begin: () => Promise<void>; readonly timeoutMs: number; readonly onAnswer: () => void },
): Promise<void> {
  await options.begin();
  let goal: number | undefined;
  let last = "it does not reply";
  await until(
    async () => {
      const health = await askHealth(node, view);
      if (health === undefined) {
        await checkRuns(node);
        return undefined;
      }
      if (goal === undefined) {
        options.onAnswer();
        goal = await highestOfOthers(node, view);
      }
      // A system without heights is back as soon as it says so.
      const height = health.height ?? goal;
      last = `its height is ${height}, but the others had ${goal}`;
      return !health.catchingUp && height >= goal ? true : undefined;
    },
    {
      timeoutMs: options.timeoutMs,
      everyMs: recoveryPollMs,
      signal: view.signal,
      describe: () => `it was not back after ${options.timeoutMs / 1000} s: ${last}`,
    },
  );
}

function isEnded({ state }: NodeStatus): boolean {
  return state === "exited" || state === "missing";
}

async function checkRuns(node: NetworkNode): Promise<void> {
  const status = await node.status();
  if (!isEnded(status)) return;
  const how = status.signal === undefined ? `with exit code ${status.exitCode}` : `by ${status.signal}`;
  throw new BaleenError("node-ended", `it ended ${how}; see its log`);
}

/** undefined where it does not answer. */
async function askHealth(node: NetworkNode, view: EffectView): Promise<NodeHealth | undefined> {
  const { network, protocol, signal } = view;
  try {
    const rpc = network.endpoint(node.name, "coordinator", "rpc");
    return await protocol.probe(rpc, { timeoutMs: probeTimeoutMs, signal });
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** 0 where no other answers. */
async function highestOfOthers(node: NetworkNode, view: EffectView): Promise<number> {
  const others = view.network.nodes.filter(({ name }) => name !== node.name);
  const found = await mapBounded(others, nodesAtOnce, (other) => askHealth(other, view));
  return Math.max(0, ...found.map((health) => health?.height ?? 0));
}
