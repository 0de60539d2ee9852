import { describe, expect, test } from "vitest";
import { openMemoryChain } from "../validator/rpc/memory-chain.ts";
import { serve } from "../validator/rpc/running.ts";
import { becomes, commitMany, observe, range, textOf } from "./observing.ts";
import { openTcpProxy } from "./tcp-proxy.ts";

describe("a broken subscription", () => {
  test("that nobody ended is found where others are further, and made anew", async () => {
    const chain = openMemoryChain();
    const seen = await observe((await serve(chain)).port);
    commitMany(chain, 2);
    await becomes(() => seen.heights.length === 2, "two blocks");
    chain.hush();
    commitMany(chain, 3);
    seen.observer.question?.(6);
    seen.observer.question?.(5);
    await becomes(() => seen.heights.length === 5, "every block seen");
    expect(seen.lost).toEqual([
      expect.stringMatching(/: it sends nothing, but others have reported height 5$/),
    ]);
    expect(seen.missed).toEqual([3, 4, 5]);
    expect(seen.restored).toEqual([3]);
    expect(seen.failed).toEqual([]);
  });

  test("loses no height and tells none twice, though it is cut three times while blocks come", async () => {
    const chain = openMemoryChain();
    const { port } = await serve(chain);
    const proxy = await openTcpProxy(port);
    const seen = await observe(proxy.port);
    for (let round = 1; round <= 3; round++) {
      commitMany(chain, 30);
      await becomes(() => seen.heights.length > 0, "a block seen");
      proxy.break();
      commitMany(chain, 25);
      await becomes(() => seen.lost.length === round, "the loss told");
      commitMany(chain, 25);
      proxy.heal();
      await becomes(() => seen.restored.length === round, "the subscription restored");
    }
    commitMany(chain, 5);
    await becomes(() => seen.heights.length === chain.height(), "every block seen");
    expect(seen.heights).toEqual(range(1, 245));
    expect(seen.texts).toEqual(range(1, 245).map((height) => textOf(height)));
    expect(seen.restored.reduce((sum, count) => sum + count, 0)).toBe(seen.missed.length);
    expect(seen.missed.length).toBeGreaterThanOrEqual(3 * 50);
    expect(seen.missed).not.toContain(245);
    expect(seen.failed).toEqual([]);
  });

  test("keeps its place when it breaks before the first block", async () => {
    const chain = openMemoryChain();
    commitMany(chain, 7);
    const { port } = await serve(chain);
    const proxy = await openTcpProxy(port);
    const seen = await observe(proxy.port);
    proxy.break();
    await becomes(() => seen.lost.length === 1, "the loss told");
    commitMany(chain, 3);
    proxy.heal();
    await becomes(() => seen.restored.length === 1, "the subscription restored");
    expect(seen.heights).toEqual([8, 9, 10]);
    expect(seen.missed).toEqual([8, 9, 10]);
    expect(seen.restored).toEqual([3]);
  });

  test("tries again without spinning while the node is down, then goes on; loss is told once", async () => {
    const chain = openMemoryChain();
    const first = await serve(chain);
    const proxy = await openTcpProxy(first.port);
    const seen = await observe(proxy.port);
    commitMany(chain, 1);
    await becomes(() => seen.heights.length === 1, "the block seen");
    const before = proxy.accepted();
    proxy.break();
    await becomes(() => proxy.accepted() >= before + 10, "ten more attempts");
    const tenAttemptsStartedMs = performance.now();
    // Each asks for a subscription, and then for the height: a node may give the one and not the other.
    await becomes(() => proxy.accepted() >= before + 30, "another ten attempts");
    expect(performance.now() - tenAttemptsStartedMs).toBeGreaterThan(400);
    await first.close();
    commitMany(chain, 4);
    await serve(chain, { port: first.port });
    proxy.heal();
    await becomes(() => seen.restored.length === 1, "the subscription restored");
    expect(seen.heights).toEqual([1, 2, 3, 4, 5]);
    expect(seen.lost).toHaveLength(1);
    expect(seen.restored).toEqual([4]);
  });

  test("is noticed when the connection dies without a word", async () => {
    const chain = openMemoryChain();
    const { port } = await serve(chain);
    const proxy = await openTcpProxy(port);
    const seen = await observe(proxy.port, { pingPeriodMs: 100, requestTimeoutMs: 1000 });
    proxy.freeze();
    commitMany(chain, 3);
    await becomes(() => seen.restored.length > 0, "the subscription restored");
    expect(seen.lost[0]).toContain("no data or pong for 100 ms");
    expect(seen.missed).toEqual([1, 2, 3]);
  });

  test("can be disposed of while it waits for the node", async () => {
    const { port } = await serve(openMemoryChain());
    const proxy = await openTcpProxy(port);
    const seen = await observe(proxy.port);
    proxy.break();
    await becomes(() => seen.lost.length === 1, "the loss told");
    await seen.observer[Symbol.asyncDispose]();
    const accepted = proxy.accepted();
    proxy.heal();
    const another = await observe(proxy.port);
    expect(proxy.accepted()).toBeLessThanOrEqual(accepted + 2);
    await another.observer[Symbol.asyncDispose]();
  });
});

describe("a place that cannot be kept", () => {
  test("is told where missed heights are pruned; what follows is told as ever", async () => {
    const chain = openMemoryChain();
    const { port } = await serve(chain);
    const proxy = await openTcpProxy(port);
    const seen = await observe(proxy.port);
    commitMany(chain, 5);
    await becomes(() => seen.heights.length === 5, "five blocks seen");
    proxy.break();
    await becomes(() => seen.lost.length === 1, "the loss told");
    commitMany(chain, 10);
    chain.prune(9);
    proxy.heal();
    await becomes(() => seen.restored.length === 1, "the subscription restored");
    commitMany(chain, 3);
    await becomes(() => seen.heights.at(-1) === 18, "the last block seen");
    expect(seen.heights).toEqual([...range(1, 5), ...range(9, 18)]);
    expect(seen.failed).toEqual(["heights 6 to 8 are no longer available: its earliest is 9"]);
    expect(seen.restored).toEqual([7]);
  });

  test("is told where the node comes back with another history", async () => {
    const chain = openMemoryChain();
    const first = await serve(chain);
    const seen = await observe(first.port);
    commitMany(chain, 5);
    await becomes(() => seen.heights.length === 5, "five blocks seen");
    await first.close();
    const another = openMemoryChain();
    commitMany(another, 6);
    const changed = (height: number) => {
      const block = another.block(height);
      return block && { ...block, appHash: Buffer.from(`another ${height}`) };
    };
    await serve({ ...another, block: changed }, { port: first.port });
    await becomes(() => seen.heights.length === 6, "the next block seen");
    expect(seen.failed).toEqual(["it came back with a different block at height 5 than before"]);
    expect(seen.lost).toHaveLength(1);
  });
});

test("a node that comes back with less is waited for, over further losses, and no height is told twice", async () => {
  const chain = openMemoryChain();
  const { port } = await serve(chain);
  const proxy = await openTcpProxy(port);
  const seen = await observe(proxy.port);
  commitMany(chain, 20);
  await becomes(() => seen.heights.length === 20, "twenty blocks seen");
  chain.rewind(4);
  proxy.cut();
  await becomes(() => seen.lost.length === 2, "the node found behind");
  commitMany(chain, 8);
  proxy.cut();
  await becomes(() => seen.lost.length === 3, "the node found behind again");
  expect(seen.lost.slice(1)).toEqual([
    "it came back with height 4, after it had reported 20",
    "it came back with height 12, after it had reported 20",
  ]);
  expect([seen.heights.length, seen.restored]).toEqual([20, []]);
  commitMany(chain, 10);
  await becomes(() => seen.restored.length === 1, "the subscription restored");
  await becomes(() => seen.heights.length >= 22, "the two new blocks seen");
  expect(seen.heights).toEqual(range(1, 22));
  expect(seen.failed).toEqual([]);
});

test("a gap in a standing subscription is fetched", async () => {
  const chain = openMemoryChain();
  const hidden = new Set([3, 4, 5, 8]);
  const { port } = await serve({
    ...chain,
    onBlock: (listener) => chain.onBlock((block) => (hidden.has(block.height) ? undefined : listener(block))),
  });
  const seen = await observe(port);
  commitMany(chain, 10);
  await becomes(() => seen.heights.length === 10, "ten blocks seen");
  expect(seen.heights).toEqual(range(1, 10));
  expect(seen.missed).toEqual([3, 4, 5, 8]);
  expect([seen.lost, seen.restored]).toEqual([[], []]);
});
