import { describe, expect, test } from "vitest";
import { openMemoryChain } from "../validator/rpc/memory-chain.ts";
import { serve } from "../validator/rpc/running.ts";
import { becomes, commitMany, observe, range, textOf } from "./observing.ts";
import { openTcpProxy } from "./tcp-proxy.ts";
import { openUpgradeProxy, type UpgradeRule } from "./upgrade-proxy.ts";

/** A node behind a proxy that has a rule for WebSockets. */
async function serveBehind(rule: UpgradeRule) {
  const chain = openMemoryChain();
  commitMany(chain, 2);
  const { port } = await serve(chain);
  return { chain, port, proxy: await openUpgradeProxy(port, rule) };
}

describe("a node that answers and gives no subscription", () => {
  test.for(["refuse", "keep silent"] as const)(
    "is polled (upgrades: %s), and tells every height once",
    async (rule) => {
      const { chain, proxy } = await serveBehind(rule);
      const seen = await observe(proxy.port, { openTimeoutMs: 300 });
      await becomes(() => seen.polling.length === 1, "the polling told");
      expect(seen.polling).toEqual([5]);
      for (let round = 0; round < 3; round++) {
        commitMany(chain, 20);
        await becomes(() => seen.heights.at(-1) === chain.height(), "every block seen");
      }
      expect(seen.heights).toEqual(range(3, 62));
      expect(seen.texts).toEqual(range(3, 62).map(textOf));
      expect([seen.missed, seen.lost, seen.restored, seen.failed]).toEqual([[], [], [], []]);
      await seen.observer[Symbol.asyncDispose]();
    },
  );

  test("is subscribed to as soon as it lets us, and loses no height on the way", async () => {
    const { chain, proxy } = await serveBehind("refuse");
    const seen = await observe(proxy.port);
    commitMany(chain, 5);
    await becomes(() => seen.heights.length === 5, "five blocks seen");
    proxy.setRule("pass");
    const asked = proxy.upgrades();
    await becomes(() => proxy.upgrades() > asked, "a subscription asked for");
    commitMany(chain, 30);
    await becomes(() => seen.heights.length === 35, "all blocks seen");
    // From the subscription on there is nothing that could be lost but it.
    proxy.setRule("refuse");
    await becomes(() => seen.lost.length === 1, "the subscription lost");
    commitMany(chain, 3);
    await becomes(() => seen.heights.length === 38, "the others seen");
    expect(seen.heights).toEqual(range(3, 40));
    expect(seen.failed).toEqual([]);
  });

  test("is lost where it does not answer either, and polled again when it does", async () => {
    const { chain, proxy } = await serveBehind("refuse");
    const broken = await openTcpProxy(proxy.port);
    const seen = await observe(broken.port);
    commitMany(chain, 2);
    await becomes(() => seen.heights.length === 2, "two blocks seen");
    broken.break();
    await becomes(() => seen.lost.length === 1, "the loss told");
    commitMany(chain, 4);
    broken.heal();
    await becomes(() => seen.restored.length === 1, "blocks seen again");
    expect(seen.restored).toEqual([4]);
    expect(seen.missed).toEqual(range(5, 8));
    expect(seen.heights).toEqual(range(3, 8));
  });
});

test("a subscription that broke and is not to be had again is replaced by polling meanwhile", async () => {
  const { chain, proxy } = await serveBehind("pass");
  const seen = await observe(proxy.port);
  commitMany(chain, 3);
  await becomes(() => seen.heights.length === 3, "three blocks seen");
  proxy.setRule("refuse");
  await becomes(() => seen.polling.length === 1, "the polling told");
  commitMany(chain, 3);
  await becomes(() => seen.heights.length === 6, "three more blocks seen");
  expect(seen.lost).toHaveLength(1);
  expect(seen.restored).toHaveLength(1);
  proxy.setRule("pass");
  commitMany(chain, 3);
  await becomes(() => seen.heights.length === 9, "the last blocks seen");
  expect(seen.heights).toEqual(range(3, 11));
});

test("a node that is polled and comes back with less is waited for", async () => {
  const { chain, proxy } = await serveBehind("refuse");
  const seen = await observe(proxy.port);
  commitMany(chain, 10);
  await becomes(() => seen.heights.length === 10, "ten blocks seen");
  chain.rewind(4);
  await becomes(() => seen.lost.length > 0, "the node found behind");
  expect(seen.lost[0]).toBe("it came back with height 4, after it had reported 12");
  commitMany(chain, 9);
  await becomes(() => seen.restored.length === 1, "blocks seen again");
  chain.rewind(5);
  const reason = "it came back with height 5, after it had reported 13";
  await becomes(() => seen.lost.includes(reason), "the node found behind again");
  commitMany(chain, 10);
  await becomes(() => seen.restored.length === 2, "the rest seen");
  expect(seen.heights).toEqual(range(3, 15));
  // Of each loss, its own.
  expect(seen.restored).toEqual([1, 2]);
});
