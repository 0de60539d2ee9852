/** A load tester that is not ours, made for CometBFT, against the embedded validator's RPC. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Endpoint } from "../../src/contracts/nodes/node.ts";
import { until } from "../../src/core/async.ts";
import { runCommand } from "../../src/core/process/command.ts";
import { createProcessDeployer, mysticeti, systemClock, waitUntilReady } from "../../src/index.ts";
import { readBlock, readExtent } from "../../src/protocol/commits/rpc-client.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { findGoProgram } from "../support/go-programs.ts";

const { path, whyNot } = findGoProgram("cometbft-load-test");
const signal = new AbortController().signal;
const asking = { timeoutMs: 10_000, signal };

/** Counts the transactions of a node's chain, block by block. */
async function openCount(rpc: Endpoint): Promise<() => Promise<number>> {
  let counted = { height: 0, transactions: 0 };
  return async () => {
    const { latest } = await readExtent(rpc, asking);
    while (counted.height < latest) {
      const { height, transactions } = await readBlock(rpc, counted.height + 1, asking);
      counted = { height, transactions: counted.transactions + transactions };
    }
    return counted.transactions;
  };
}

/** "total_txs" of a file of lines "Parameter,Value,Units". */
function readStatistic(csv: string, name: string): number {
  const line = csv.split("\n").find((each) => each.startsWith(`${name},`));
  return Number(line?.split(",")[1]);
}

describe.skipIf(whyNot !== undefined)(`cometbft-load-test ${whyNot ?? ""}`, () => {
  test("drives our validators over WebSocket, and what it has sent is what they commit", async () => {
    await using folder = await makeTemporaryFolder();
    const deployer = createProcessDeployer({
      nodeBinary: process.execPath,
      stateDir: join(folder.path, "state"),
      env: process.env,
    });
    const plan = mysticeti.plan({ nodes: 4, options: {} });
    const emit = () => {};
    await using network = await deployer.deploy(plan, { run: "0badcafe", cleanup: "remove", emit, signal });
    await waitUntilReady(network, mysticeti, { timeoutMs: 30_000, signal, emit, clock: systemClock });
    const endpoints = network.nodes.map(({ name }) => network.endpoint(name, "coordinator", "rpc"));
    const statistics = join(folder.path, "statistics.csv");
    const argv = [
      path,
      ...["--endpoints", endpoints.map(({ host, port }) => `ws://${host}:${port}/websocket`).join(",")],
      ...["--connections", "1", "--time", "6", "--rate", "100", "--size", "250"],
      ...["--broadcast-tx-method", "async", "--stats-output", statistics],
    ];
    const { stderr, stdout } = await runCommand(argv, { env: process.env, timeoutMs: 60_000 });
    const sent = readStatistic(await readFile(statistics, "utf8"), "total_txs");
    expect(sent, stdout + stderr).toBeGreaterThan(1000);
    for (const endpoint of endpoints) {
      const count = await openCount(endpoint);
      let last = 0;
      const all = async () => {
        last = await count();
        return last >= sent ? last : undefined;
      };
      const settings = {
        timeoutMs: 10_000,
        everyMs: 100,
        describe: () => `${last} of ${sent} are committed`,
      };
      expect(await until(all, settings)).toBe(sent);
    }
  });
});
