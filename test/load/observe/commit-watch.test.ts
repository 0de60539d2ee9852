import { onTestFinished, test } from "vitest";
import type { EventBody } from "../../../src/contracts/events.ts";
import { until } from "../../../src/core/async.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { openCommitWatch } from "../../../src/load/observe/commit-watch.ts";
import { buildObserve } from "../../../src/protocol/custom/client-side.ts";
import { buildFormat } from "../../../src/protocol/custom/submission/format.ts";
import { described, pushedFromCursor } from "../../protocol/custom/submission/described.ts";
import { startLogService } from "../../protocol/custom/submission/log-service.ts";

test("a node that ended its subscription without a word is heard of again, and that is told", async () => {
  const nodes = [await startLogService(), await startLogService()];
  const events: EventBody[] = [];
  const shown = [0, 0];
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const protocol = {
    transactions: buildFormat(described("")),
    observeCommits: buildObserve(pushedFromCursor),
  };
  const targets = nodes.map(({ port }, index) => ({
    node: `node${index}`,
    rpc: { host: "127.0.0.1", port },
  }));
  await using watch = await openCommitWatch(targets, protocol as Parameters<typeof openCommitWatch>[1], {
    clock: systemClock,
    signal: ending.signal,
    emit: (body) => events.push(body),
    onBlock: (target, { height }) => {
      shown[target] = height;
    },
  });
  const becomes = (condition: () => boolean, what: string) =>
    until(() => condition() || undefined, {
      timeoutMs: 10_000,
      everyMs: 2,
      describe: () => `never: ${what}`,
    });
  await becomes(() => nodes.every(({ subscribers }) => subscribers === 1), "both are subscribed to");
  nodes[1]?.cancel();
  for (const [second, height] of [1, 2, 3].entries()) {
    for (const node of nodes) node.commit("a");
    await becomes(() => shown[0] === height, "what the first one commits");
    watch.lookForSilence(second * 10_000);
  }
  await becomes(() => shown[1] === 3, "what the other one had committed");
  await becomes(() => events.length === 2, "both events");
  const [lost, restored] = events;
  if (lost?.type !== "observer-lost" || lost.node !== "node1") throw new Error("its loss is not told");
  if (restored?.type !== "observer-restored" || restored.missedHeights !== 3)
    throw new Error("its return is not told");
});
