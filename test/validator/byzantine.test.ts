import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { latestTimestampMs } from "../../src/validator/engine/consensus/validity.ts";
import { startRpcServer } from "../../src/validator/rpc/index.ts";
import { startByzantine } from "./byzantine.ts";
import { compare, metric, openCommittee, placesOf, reach, type TestNode } from "./committee.ts";

const honest = [0, 1, 2];

interface BlockReply {
  readonly result?: { readonly block: { readonly header: { readonly time: string } } };
}

describe("three validators beside a faulty one", () => {
  test("agree although it tells each of them something else in every round", async () => {
    await using committee = await openCommittee(4);
    const [, , , faulty] = committee.homes;
    if (faulty === undefined) throw new Error("no home");
    const nodes = await committee.startAll(honest);
    using _equivocator = await startByzantine(faulty, (proposal, { build, send }) => {
      honest.forEach((peer) => {
        const transactions = [Buffer.from(`${proposal.round} for ${peer}`)];
        send(peer, build({ ...proposal, transactions }));
      });
    });
    await until(() => (nodes.every((node) => metric(node, "equivocations_total") > 20) ? true : undefined), {
      timeoutMs: 20_000,
      everyMs: 20,
      describe: () => `few equivocations seen; heights ${nodes.map((node) => node.chain.height())}`,
    });
    await reach(nodes, 60);
    const { compared, different } = compare(nodes);
    expect(compared).toBeGreaterThanOrEqual(60);
    expect(different).toEqual([]);
    for (const node of nodes) {
      expect(node.failures).toEqual([]);
      expect([...placesOf(node).values()].filter((places) => places.length > 1)).toEqual([]);
    }
    // Twins are ordered as data: of one round, more than one transaction came through.
    const [first] = nodes;
    const rounds = [...(first ? placesOf(first).keys() : [])].map((text) => text.split(" ")[0]);
    expect(new Set(rounds).size).toBeLessThan(rounds.length);
  });

  test("go on although it is connected and silent", async () => {
    await using committee = await openCommittee(4);
    const [, , , faulty] = committee.homes;
    if (faulty === undefined) throw new Error("no home");
    const nodes = await committee.startAll(honest);
    using _silent = await startByzantine(faulty, () => undefined);
    await reach(nodes, 60);
    expect(compare(nodes).different).toEqual([]);
  });

  test("stay up and go on whatever time it claims", async () => {
    await using committee = await openCommittee(4);
    const [, , , faulty] = committee.homes;
    if (faulty === undefined) throw new Error("no home");
    const nodes = await committee.startAll(honest);
    const [{ chain }] = nodes as [TestNode];
    const server = await startRpcServer({ chain, host: "127.0.0.1", port: 0, log: () => undefined });
    onTestFinished(() => server.close());
    const timeAt = async (height: number) => {
      const reply = await fetch(`http://127.0.0.1:${server.port}/block?height=${height}`);
      return ((await reply.json()) as BlockReply).result?.block.header.time;
    };
    using liar = await startByzantine(faulty, (proposal, { build, send }) => {
      const timestampMs = proposal.round < 20 ? latestTimestampMs : 9e15;
      for (const peer of honest) send(peer, build({ ...proposal, timestampMs }));
    });
    await until(() => (new Set(liar.closed.map((line) => line[0])).size === 3 ? true : undefined), {
      timeoutMs: 10_000,
      everyMs: 10,
      describe: () => `closed so far: ${liar.closed}`,
    });
    await reach(nodes, chain.height() + 20);
    expect(compare(nodes).different).toEqual([]);
    // Whatever it claims, a block's time is one that honest validators claim.
    const time = Date.parse((await timeAt(chain.height())) ?? "");
    expect(Math.abs(Date.now() - time)).toBeLessThan(60_000);
    for (const node of nodes) {
      expect(node.failures).toEqual([]);
      expect(node.log.join()).toContain("beyond the year 9000");
    }
  });

  test.each([
    [
      "a block with a bad signature",
      (bytes: Buffer) => bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1),
    ],
    ["a block in another's name", (bytes: Buffer) => bytes.writeUInt16BE(1, 0)],
    ["bytes that are no block", (bytes: Buffer) => bytes.fill(0xff)],
  ])("hang up on it for %s, and go on", async (_, spoil) => {
    await using committee = await openCommittee(4);
    const [, , , faulty] = committee.homes;
    if (faulty === undefined) throw new Error("no home");
    const nodes = await committee.startAll(honest);
    using liar = await startByzantine(faulty, (proposal, { build, sendBytes }) => {
      const bytes = Buffer.from(build(proposal).encoded);
      spoil(bytes);
      for (const peer of honest) sendBytes(peer, bytes);
    });
    await until(() => (new Set(liar.closed.map((line) => line[0])).size === 3 ? true : undefined), {
      timeoutMs: 10_000,
      everyMs: 10,
      describe: () => `closed so far: ${liar.closed}`,
    });
    await reach(nodes, Math.max(...nodes.map((node) => node.chain.height())) + 20);
    expect(compare(nodes).different).toEqual([]);
    for (const node of nodes) {
      expect(node.log.some((line) => line.includes("warn closed a connection"))).toBe(true);
    }
  });
});
