/** Browsers that take part in a test that others run. */
import type { Deployer, Network } from "../../../contracts/deployment.ts";
import type { Emit } from "../../../contracts/events.ts";
import type { NodeName } from "../../../contracts/nodes/node.ts";
import { isOver } from "../../../contracts/peer-tests/node-files.ts";
import { delay, mapBounded } from "../../../core/async.ts";
import { ConfigurationError, describeError } from "../../../core/errors.ts";
import { readBrowserStatus } from "../../../protocol/browsers/browsers.ts";
import { type JoiningBrowsers, planJoiningBrowsers } from "../../../protocol/browsers/joining.ts";

export interface JoinSetting {
  readonly deployer: Deployer;
  readonly run: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** How many browsers are in which state; called when that changes. */
  readonly onStates: (states: ReadonlyMap<string, number>) => void;
}

/** One that did not reach the end of the test. */
export interface FailedBrowser {
  readonly name: NodeName;
  readonly reason: string;
}

const lookEveryMs = 1_000;
const answerTimeoutMs = 10_000;
/** A page that is busy answers late; one that is silent for so long has hung. */
const silentMs = 60_000;
const atOnce = 16;

/**
 * Starts browsers, waits until each has ended its part of the test, however long the start of the test takes, and ends
 * them.
 *
 * @returns those that failed
 * @throws ConfigurationError where they cannot be started as asked
 */
export async function joinTest(
  asked: JoiningBrowsers,
  setting: JoinSetting,
): Promise<readonly FailedBrowser[]> {
  const { deployer, run, emit, signal } = setting;
  const plan = planJoiningBrowsers(asked);
  const diagnostics = await deployer.check(plan, signal);
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  await using network = await deployer.deploy(plan, { run, cleanup: "thorough", emit, signal });
  return await untilOver(network, setting);
}

async function untilOver(
  network: Network,
  { signal, onStates }: JoinSetting,
): Promise<readonly FailedBrowser[]> {
  const seen = new Map<NodeName, { state: string; reason: string; atMs: number }>();
  let shown = "";
  for (;;) {
    await mapBounded(network.nodes, atOnce, async (node) => {
      if (isOver(seen.get(node.name)?.state)) return;
      if ((await node.status()).state !== "running") {
        const reason = (await node.logs({ tailLines: 1 })).trim();
        seen.set(node.name, { state: "failed", reason: `its browser ended: ${reason}`, atMs: 0 });
        return;
      }
      try {
        const rpc = network.endpoint(node.name, "coordinator", "rpc");
        const { state, waitsFor = "" } = await readBrowserStatus(rpc, { timeoutMs: answerTimeoutMs, signal });
        seen.set(node.name, { state, reason: waitsFor, atMs: performance.now() });
      } catch (error) {
        signal.throwIfAborted();
        const reason = describeError(error);
        const last = seen.get(node.name) ?? { state: "starting", reason, atMs: performance.now() };
        const hasHung = performance.now() - last.atMs > silentMs;
        seen.set(
          node.name,
          hasHung ? { ...last, state: "failed", reason: `it does not answer: ${reason}` } : last,
        );
      }
    });
    const states = new Map(
      [...Map.groupBy(seen.values(), ({ state }) => state)].map(([state, own]) => [state, own.length]),
    );
    const text = JSON.stringify([...states].sort());
    if (text !== shown) onStates(states);
    shown = text;
    if ([...seen.values()].every(({ state }) => isOver(state))) break;
    await delay(lookEveryMs, signal);
  }
  return [...seen].flatMap(([name, { state, reason }]) => (state === "failed" ? [{ name, reason }] : []));
}
