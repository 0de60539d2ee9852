import { until } from "../../src/core/async.ts";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import type { Chain } from "../../src/validator/engine/chain.ts";
import type { ChainBlock } from "../../src/validator/engine/consensus/ledger.ts";
import { readHome } from "../../src/validator/node/home.ts";
import { ValidatorNode } from "../../src/validator/node/node.ts";
import { openFolder } from "./folder.ts";
import { type HomeFiles, planHomes, writeHome } from "./homes.ts";

/** A node in this process, and all it has committed. */
export interface TestNode {
  readonly node: ValidatorNode;
  readonly chain: Chain;
  /** By height. */
  readonly blocks: ReadonlyMap<number, ChainBlock>;
  readonly log: readonly string[];
  readonly failures: readonly unknown[];
  readonly stop: () => void;
}

/** A committee of real nodes over loopback in this process. `clockOf` gives each the clock that it believes. */
export async function openCommittee(size: number, clockOf: (authority: number) => Clock = () => systemClock) {
  const folder = await openFolder();
  const homes = await planHomes(folder.path, size);
  await Promise.all(homes.map(writeHome));
  const nodes = new Map<number, TestNode>();

  const start = async (authority: number): Promise<TestNode> => {
    const home = homes[authority] as HomeFiles;
    const log: string[] = [];
    const failures: unknown[] = [];
    const node = new ValidatorNode({
      home: await readHome(home.folder),
      log: (level, message, facts) => log.push(`${level} ${message} ${JSON.stringify(facts)}`),
      failed: (error) => failures.push(error),
      clock: clockOf(authority),
    });
    const { chain } = node;
    const blocks = new Map<number, ChainBlock>();
    for (let height = chain.earliestHeight(); height <= chain.height(); height++) {
      const block = chain.block(height);
      if (block !== undefined) blocks.set(height, block);
    }
    chain.onBlock((block) => blocks.set(block.height, block));
    await node.start();
    const started = { node, chain, blocks, log, failures, stop: () => node[Symbol.dispose]() };
    nodes.set(authority, started);
    return started;
  };
  return {
    homes,
    start,
    startAll: (authorities: readonly number[]) => Promise.all(authorities.map(start)),
    [Symbol.asyncDispose]: async () => {
      for (const node of nodes.values()) node.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Resolves once all nodes are at this height or above it. */
export async function reach(nodes: readonly TestNode[], height: number, timeoutMs = 20_000): Promise<void> {
  const heights = () => nodes.map((node) => node.chain.height());
  await until(() => (heights().every((each) => each >= height) ? true : undefined), {
    timeoutMs,
    everyMs: 10,
    describe: () =>
      `heights are ${heights()}, not yet ${height}; logs: ${nodes.map((node) => node.log.join("\n"))}`,
  });
}

/** The heights at which two of the nodes differ, and how many heights were compared. */
export function compare(nodes: readonly TestNode[]): { compared: number; different: number[] } {
  const lowest = Math.min(...nodes.map((node) => node.chain.height()));
  const heights = Array.from({ length: lowest }, (_, i) => i + 1);
  const print = (node: TestNode, height: number) => {
    const block = node.blocks.get(height);
    const transactions = block?.transactions.map((each) => Buffer.from(each).toString("hex"));
    return JSON.stringify({ ...block, transactions });
  };
  const different = heights.filter((height) => new Set(nodes.map((node) => print(node, height))).size > 1);
  return { compared: heights.length, different };
}

/** Where a node committed each transaction, as text → "height/index" for each time. */
export function placesOf(node: TestNode): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const block of node.blocks.values()) {
    block.transactions.forEach((transaction, index) => {
      const text = Buffer.from(transaction).toString();
      places.set(text, [...(places.get(text) ?? []), `${block.height}/${index}`]);
    });
  }
  return places;
}

/** The value of a metric of a node, its samples added up. */
export function metric(node: TestNode, name: string): number {
  const found = node.chain.metrics().find((each) => each.name === name);
  if (found === undefined) throw new Error(`no metric ${name}`);
  return found.samples.reduce((sum, sample) => sum + sample.value, 0);
}
