import { until } from "../../src/core/async.ts";
import type { HomeFiles } from "../validator/homes.ts";
import { type LogEnd, readLogEnd } from "./log-files.ts";
import type { LiveNode } from "./node.ts";
import { ask, heightOf, type StatusReply } from "./rpc.ts";

/** A committee that commits several times a second has stopped where nothing came for this long. */
const stillMs = 2_000;

/** Resolves with the height of these nodes once none of them has committed anything for a while. */
export async function expectFrozen(nodes: readonly LiveNode[]): Promise<number> {
  let last = "";
  let sinceMs = performance.now();
  const look = async () => {
    const heights = await Promise.all(nodes.map(({ home }) => heightOf(home)));
    if (heights.join() !== last) {
      last = heights.join();
      sinceMs = performance.now();
    }
    return performance.now() - sinceMs >= stillMs ? Math.max(...heights) : undefined;
  };
  return until(look, { timeoutMs: 60_000, everyMs: 50, describe: () => `heights still grow: ${last}` });
}

/** Rounds that a node may be behind its peers, and leaders of each: so many heights. */
const nearHeights = 5 * 2;

/** Resolves once a node is within five rounds of its peers, and says that it has caught up. */
export async function untilRejoined(
  node: LiveNode,
  peers: readonly LiveNode[],
  timeoutMs = 60_000,
): Promise<void> {
  let seen = "nothing yet";
  const look = async () => {
    const heights = await Promise.all(peers.map(({ home }) => heightOf(home)));
    const { sync_info } = await ask<StatusReply>(node.home, "status");
    const own = Number(sync_info.latest_block_height);
    seen = `height ${own}, peers ${heights}, catching up: ${sync_info.catching_up}`;
    return !sync_info.catching_up && own >= Math.max(...heights) - nearHeights ? true : undefined;
  };
  const describe = () => `node${node.authority} is not back among its peers: ${seen}`;
  await until(look, { timeoutMs, everyMs: 20, describe });
}

/** Resolves once a log has so many bytes more than at the mark, or goes on in another file. */
export async function untilLogGrew(home: HomeFiles, mark: LogEnd, bytes: number): Promise<void> {
  const look = async () => {
    const end = await readLogEnd(home);
    return end.file !== mark.file || end.sizeBytes >= mark.sizeBytes + bytes ? true : undefined;
  };
  await until(look, { timeoutMs: 60_000, everyMs: 20, describe: () => `${mark.file} does not grow` });
}
