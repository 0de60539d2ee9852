import { expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { metric, openCommittee } from "../committee.ts";
import { type HomeFiles, writeHome } from "../homes.ts";

test.each([
  ["leadersPerRound", 1, 2],
  ["checkpointIntervalHeights", 500, 1000],
] as const)(
  "two validators whose %s differs refuse each other, and both log both values",
  async (name, other, usual) => {
    await using committee = await openCommittee(2);
    const { config, ...files } = committee.homes[1] as HomeFiles;
    await writeHome({ ...files, config: { ...config, consensus: { ...config.consensus, [name]: other } } });
    const nodes = await committee.startAll([0, 1]);
    for (const [authority, node] of nodes.entries()) {
      const [there, here] = authority === 0 ? [other, usual] : [usual, other];
      const expected = `validator ${1 - authority}, and its consensus parameters differ: ${name} is ${there} there and ${here} here`;
      await until(() => (node.log.some((line) => line.includes(expected)) ? true : undefined), {
        timeoutMs: 10_000,
        everyMs: 10,
        describe: () => `it does not say "${expected}": ${node.log.join("\n")}`,
      });
      expect(metric(node, "mysticeti_refused_connections_total")).toBeGreaterThan(0);
      expect([node.chain.peers(), node.chain.height(), node.failures]).toEqual([[], 0, []]);
    }
  },
);
