import { expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { compare, openCommittee, reach } from "./committee.ts";
import { writeHome } from "./homes.ts";
import { openBlackHole } from "./net/black-hole.ts";

test("a partition that loses everything without a word is noticed, and over seconds after it heals", async () => {
  await using committee = await openCommittee(4);
  const holes = new Map<string, Awaited<ReturnType<typeof openBlackHole>>>();
  // Validators 2 and 3 dial 0 and 1, each through a hole of its own.
  for (const home of committee.homes.slice(2)) {
    const peers = await Promise.all(
      home.config.peers.map(async (peer) => {
        if (peer.authority > 1) return peer;
        const hole = await openBlackHole(peer.port);
        holes.set(`${home.key.authority} to ${peer.authority}`, hole);
        return { ...peer, port: hole.port };
      }),
    );
    await writeHome({ ...home, config: { ...home.config, peers } });
  }
  expect([...holes.keys()].sort()).toEqual(["2 to 0", "2 to 1", "3 to 0", "3 to 1"]);
  const nodes = await committee.startAll([0, 1, 2, 3]);
  await reach(nodes, 20);

  for (const hole of holes.values()) hole.swallow();
  const peerCounts = () => nodes.map((node) => node.chain.peers().length);
  const cutAt = performance.now();
  await until(() => (peerCounts().every((count) => count === 1) ? true : undefined), {
    timeoutMs: 12_000,
    everyMs: 20,
    describe: () => `peers are still held, by node: ${peerCounts()}`,
  });
  // Not at the first silence: a machine may be busy.
  expect(performance.now() - cutAt).toBeGreaterThan(4_000);
  const height = Math.max(...nodes.map((node) => node.chain.height()));

  for (const hole of holes.values()) hole.heal();
  await reach(nodes, height + 20, 10_000);
  await until(() => (peerCounts().every((count) => count === 3) ? true : undefined), {
    timeoutMs: 10_000,
    everyMs: 20,
    describe: () => `peers are missing, by node: ${peerCounts()}`,
  });
  expect(compare(nodes).different).toEqual([]);
  nodes.forEach((node, authority) => {
    expect(node.failures).toEqual([]);
    // Nothing was committed meanwhile, so that the links that were sound were as good as idle: they stayed.
    const lost = node.log.filter((line) => line.includes("peer lost"));
    const across = authority < 2 ? [2, 3] : [0, 1];
    const expected = across.map(
      (peer) => `info peer lost {"peer":${peer},"reason":"nothing was received for 6 s"}`,
    );
    expect(lost.sort()).toEqual(expected);
  });
});
