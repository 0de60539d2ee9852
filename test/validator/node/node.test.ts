import { cp, readFile, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { compare, metric, openCommittee, placesOf, reach, type TestNode } from "../committee.ts";

const four = [0, 1, 2, 3];

function submitAll(nodes: readonly TestNode[], texts: readonly string[]): void {
  texts.forEach((text, i) => {
    const node = nodes[i % nodes.length];
    expect(node?.chain.submit(Buffer.from(text)).accepted).toBe(true);
  });
}

async function committedBy(nodes: readonly TestNode[], texts: readonly string[]): Promise<void> {
  const missing = (node: TestNode) => {
    const places = placesOf(node);
    return texts.filter((text) => !places.has(text)).length;
  };
  await until(() => (nodes.every((node) => missing(node) === 0) ? true : undefined), {
    timeoutMs: 20_000,
    everyMs: 20,
    describe: () => `transactions not committed, by node: ${nodes.map(missing)}`,
  });
}

describe("a committee of four validators", () => {
  test("agrees on every block, and commits each transaction once, wherever it was submitted", async () => {
    await using committee = await openCommittee(4);
    const nodes = await committee.startAll(four);
    const texts = Array.from({ length: 300 }, (_, i) => `transaction ${i}`);
    submitAll(nodes, texts);
    expect(nodes[2]?.chain.submit(Buffer.from("transaction 0")).accepted).toBe(true);
    expect(nodes[0]?.chain.submit(Buffer.from("transaction 0"))).toMatchObject({ code: "duplicate" });
    await committedBy(nodes, texts);
    await reach(nodes, 60);
    const { compared, different } = compare(nodes);
    expect(compared).toBeGreaterThanOrEqual(60);
    expect(different).toEqual([]);
    for (const node of nodes) {
      expect([...placesOf(node).values()].filter((places) => places.length !== 1)).toEqual([]);
      expect(node.failures).toEqual([]);
      expect(node.chain.peers().length).toBe(3);
      expect(node.chain.catchingUp()).toBe(false);
      expect(metric(node, "cometbft_consensus_total_txs")).toBe(300);
      expect(metric(node, "committed_leaders_total")).toBeGreaterThanOrEqual(60);
      expect(metric(node, "equivocations_total")).toBe(0);
    }
    const [first] = nodes;
    const place = first?.chain.transaction(first.chain.submit(Buffer.from("transaction 7")).hash);
    expect(`${place?.height}/${place?.index}`).toBe(first && placesOf(first).get("transaction 7")?.[0]);
  });

  test("starts with its last member missing, goes on, and takes it in later", async () => {
    await using committee = await openCommittee(4);
    const three = await committee.startAll([0, 1, 2]);
    await reach(three, 20);
    const late = await committee.start(3);
    const height = three[0]?.chain.height() ?? 0;
    await reach([...three, late], height + 20);
    expect(compare([...three, late]).different).toEqual([]);
    await until(() => (late.chain.catchingUp() ? undefined : true), {
      timeoutMs: 10_000,
      everyMs: 10,
      describe: () => "the late validator still catches up",
    });
    const leads = () =>
      three[0]?.chain
        .metrics()
        .find((each) => each.name === "committed_leaders_total")
        ?.samples.find(({ labels }) => labels.authority === "3" && labels.commit_type === "direct-commit");
    await until(() => leads(), { timeoutMs: 10_000, everyMs: 20, describe: () => "validator 3 never led" });
  });

  test("stands still without a quorum, and goes on when one comes back, with one history", async () => {
    await using committee = await openCommittee(4);
    const nodes = await committee.startAll(four);
    await reach(nodes, 10);
    const [first, second, third, fourth] = nodes as [TestNode, TestNode, TestNode, TestNode];
    third.stop();
    fourth.stop();
    await until(() => (first.chain.peers().length === 1 ? true : undefined), {
      timeoutMs: 5_000,
      everyMs: 5,
      describe: () => "the stopped validators still count as peers",
    });
    // What is on its way may still be decided; after that nothing is.
    let height = first.chain.height();
    let since = performance.now();
    await until(
      () => {
        if (first.chain.height() !== height) since = performance.now();
        height = first.chain.height();
        return performance.now() - since > 1_000 ? true : undefined;
      },
      { timeoutMs: 10_000, everyMs: 10, describe: () => "the height still grows" },
    );
    expect(first.chain.submit(Buffer.from("in the dark")).accepted).toBe(true);
    const back = await committee.start(2);
    await reach([first, second, back], height + 20);
    await committedBy([first, second, back], ["in the dark"]);
    expect(compare([first, second, back]).different).toEqual([]);
  });
});

describe("a validator that comes back", () => {
  test("keeps its history, proposes in no round twice, and still holds what was submitted to it", async () => {
    await using committee = await openCommittee(4);
    const others = await committee.startAll([0, 1, 2]);
    let node = await committee.start(3);
    for (let life = 1; life <= 3; life++) {
      await reach([...others, node], 15 * life);
      node.stop();
      const before = new Map(node.blocks);
      node = await committee.start(3);
      for (const [height, block] of before) expect(node.blocks.get(height)).toEqual(block);
      await reach([...others, node], (others[0]?.chain.height() ?? 0) + 10);
    }
    const all = [...others, node];
    expect(compare(all).different).toEqual([]);
    expect(all.map((each) => metric(each, "equivocations_total"))).toEqual([0, 0, 0, 0]);
  });

  test("commits what it accepted before it stopped, though it could not propose it then", async () => {
    await using committee = await openCommittee(4);
    const alone = await committee.start(0);
    expect(alone.chain.submit(Buffer.from("accepted")).accepted).toBe(true);
    const log = join(committee.homes[0]?.folder ?? "", "log", "00000000000000000000.log");
    await until(async () => ((await readFile(log, "latin1")).includes("accepted") ? true : undefined), {
      timeoutMs: 5_000,
      everyMs: 5,
      describe: () => "it was not written to the log",
    });
    alone.stop();
    const nodes = await committee.startAll(four);
    await committedBy(nodes, ["accepted"]);
  });

  test("without its log learns its own blocks from the others before it proposes", async () => {
    await using committee = await openCommittee(4);
    const nodes = await committee.startAll(four);
    await reach(nodes, 30);
    nodes[3]?.stop();
    await rm(join(committee.homes[3]?.folder ?? "", "log"), { recursive: true });
    const others = nodes.slice(0, 3);
    const node = await committee.start(3);
    const height = others[0]?.chain.height() ?? 0;
    await reach([...others, node], height + 40);
    expect(compare([...others, node]).different).toEqual([]);
    for (const each of [...others, node]) expect(metric(each, "equivocations_total")).toBe(0);
    await until(
      () => {
        const proposers = [...(others[0]?.blocks.values() ?? [])].filter((block) => block.height > height);
        return proposers.some((block) => block.proposer === 3) ? true : undefined;
      },
      { timeoutMs: 10_000, everyMs: 20, describe: () => "it never proposed again" },
    );
  });

  test("cuts off a torn tail of its log and goes on with one history", async () => {
    await using committee = await openCommittee(4);
    const nodes = await committee.startAll(four);
    for (const torn of [1, 200]) {
      await reach(nodes, (nodes[0]?.chain.height() ?? 0) + 15);
      nodes[3]?.stop();
      const log = join(committee.homes[3]?.folder ?? "", "log", "00000000000000000000.log");
      await truncate(log, (await stat(log)).size - torn);
      nodes[3] = await committee.start(3);
      expect(nodes[3].log.join()).toMatch(/warn cut a torn tail off the log/);
      await reach(nodes, (nodes[0]?.chain.height() ?? 0) + 15);
      expect(compare(nodes).different).toEqual([]);
      expect(nodes.map((node) => metric(node, "equivocations_total"))).toEqual([0, 0, 0, 0]);
    }
  });

  test("refuses the log of another validator", async () => {
    await using committee = await openCommittee(4);
    (await committee.start(0)).stop();
    const [zero, one] = committee.homes;
    await cp(join(zero?.folder ?? "", "log"), join(one?.folder ?? "", "log"), { recursive: true });
    await expect(committee.start(1)).rejects.toThrow(/another network or validator/);
  });
});

test.each([1, 2, 7])("a committee of %i commits", async (size) => {
  await using committee = await openCommittee(size);
  const nodes = await committee.startAll(Array.from({ length: size }, (_, authority) => authority));
  submitAll(nodes, ["one", "two", "three"]);
  await committedBy(nodes, ["one", "two", "three"]);
  await reach(nodes, 20);
  expect(compare(nodes).different).toEqual([]);
});
