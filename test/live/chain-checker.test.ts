import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../../src/core/async.ts";
import type { HomeFiles } from "../validator/homes.ts";
import { ChainChecker, type WatchedNode } from "./chain-checker.ts";
import { formatTransaction, LoadLedger } from "./ledger.ts";
import type { BlockReply, Call } from "./rpc.ts";

/** A chain whose block of height h has the name of `names[h - 1]`, and holds transaction `h`. */
function buildChain(names: readonly string[]): BlockReply[] {
  return names.map((name, i) => ({
    block_id: { hash: name, parts: { hash: `leader ${name}` } },
    block: {
      header: {
        height: String(i + 1),
        time: "",
        proposer_address: "",
        app_hash: names[i - 1] ?? "",
        last_block_id: { hash: names[i - 1] ?? "" },
      },
      data: { txs: [formatTransaction(i, 20).toString("base64")] },
    },
  }));
}

/** A node that tells a chain, which may be replaced by that of another life. */
async function serve(authority: number, chain: readonly BlockReply[]) {
  let reported = chain;
  const answer = ({ method, params }: Call) => {
    const height = String(reported.length);
    const ends = { latest_block_height: height, earliest_block_height: "1", catching_up: false };
    if (method === "status") return { result: { sync_info: ends } };
    const block = reported[Number(params?.height) - 1];
    return block === undefined ? { error: { message: "no such height" } } : { result: block };
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => response.end(JSON.stringify((JSON.parse(body) as Call[]).map(answer))));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const node = {
    authority,
    home: { config: { rpc: { host: "127.0.0.1", port } } } as HomeFiles,
    lives: 1,
    isRunning: true,
    isPaused: false,
  } satisfies WatchedNode;
  const restart = (other: readonly BlockReply[]) => {
    reported = other;
    node.lives++;
  };
  return { node, restart };
}

/** What is found in chains of the same length. */
async function check(...chains: readonly (readonly BlockReply[])[]): Promise<ChainChecker> {
  const served = await Promise.all(chains.map((chain, authority) => serve(authority, chain)));
  const nodes = served.map(({ node }) => node);
  const checker = new ChainChecker(nodes, new LoadLedger());
  await checker.caughtUp(chains[0]?.length ?? 0, nodes);
  await checker.stop();
  return checker;
}

const sound = buildChain(Array.from({ length: 50 }, (_, i) => `block ${i + 1}`));

describe("the checker of chains", () => {
  test("finds no fault in one chain that three nodes tell, and has compared all of it", async () => {
    const checker = await check(sound, sound, sound);
    expect(checker.faults).toEqual([]);
    expect(checker.comparisons).toBe(100);
  });

  test("finds a block that only one node tells", async () => {
    const other = sound.with(40, {
      ...(sound[40] as BlockReply),
      block_id: { hash: "x", parts: { hash: "y" } },
    });
    const { faults } = await check(sound, sound, other);
    expect(faults.join()).toContain("height 41: another block than was told before");
  });

  test("finds a transaction and a leader that come twice", async () => {
    const first = sound[0] as BlockReply;
    const last = sound[49] as BlockReply;
    const repeated = sound.with(49, {
      block_id: { ...last.block_id, parts: first.block_id.parts },
      block: { ...last.block, data: first.block.data },
    });
    const { faults } = await check(repeated);
    expect(faults).toEqual([
      "node0, life 1, height 50: leader block 1 was committed at 1 already",
      "node0, life 1, height 50: transaction 0 came again",
    ]);
  });

  test("finds a block that does not follow from the one before", async () => {
    const names = sound.map((block) => block.block_id.hash);
    const broken = sound.with(9, buildChain(names.with(8, "unknown"))[9] as BlockReply);
    const { faults } = await check(broken);
    expect(faults).toEqual(["node0, life 1, height 10: it does not follow from the block before it"]);
  });

  test("reads a restarted node again from its beginning", async () => {
    const { node, restart } = await serve(0, sound);
    const checker = new ChainChecker([node], new LoadLedger());
    await checker.caughtUp(50, [node]);
    restart(buildChain(sound.map((_, i) => (i < 20 ? `block ${i + 1}` : `new ${i}`))));
    await until(() => (checker.faults.length >= 20 ? true : undefined), {
      timeoutMs: 20_000,
      everyMs: 10,
      describe: () => `faults: ${checker.faults}`,
    });
    await checker.stop();
    expect(checker.faults[0]).toBe("node0, life 2, height 21: another block than was told before");
  });
});
