import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { NodeProgram, PlacementView, PlannedNode } from "../../src/contracts/deployment.ts";
import type { Plane } from "../../src/contracts/nodes/node.ts";
import { ConfigurationError } from "../../src/core/errors.ts";
import { readBlock } from "../../src/protocol/commits/rpc-client.ts";
import { mysticeti } from "../../src/protocol/mysticeti.ts";
import { findProtocol, protocols } from "../../src/protocol/registry.ts";
import { publicKeyOf } from "../../src/validator/wire/keys.ts";
import { defaultValidatorTuning } from "../../src/validator/wire/node-files.ts";
import { openMemoryChain } from "../validator/rpc/memory-chain.ts";
import { serve } from "../validator/rpc/running.ts";

const planned = (count: number): PlannedNode[] =>
  Array.from({ length: count }, (_, index) => ({ name: `node${index}`, role: "validator", index }));

function viewOf(nodes: readonly PlannedNode[]): PlacementView {
  const ports: Record<Plane, number> = { rpc: 26_657, peer: 26_656, metrics: 26_660 };
  return {
    home: "/data",
    nodes,
    endpoint: (target, plane) => ({ host: target, port: ports[plane] }),
    listen: (plane) => ({ host: "0.0.0.0", port: ports[plane] }),
    exported: () => "",
  };
}

function filesOf(nodes: number, options: Record<string, unknown> = {}) {
  const group = mysticeti.plan({ nodes, options }).groups[0];
  return planned(nodes).map((node, _, all) => {
    const configuration = group?.configure(node, viewOf(all));
    const files = (configuration?.files ?? []).map(({ path, mode, content }) => [
      path,
      { mode, value: JSON.parse(content) as Record<string, unknown>, content },
    ]);
    return { args: configuration?.args, files: Object.fromEntries(files) };
  });
}

describe("plan", () => {
  test("one group of validators, from this package", () => {
    const { protocol, groups } = mysticeti.plan({ nodes: 4, options: {} });
    expect(protocol).toBe("mysticeti");
    expect(groups).toMatchObject([{ role: "validator", count: 4, planes: ["rpc", "peer", "metrics"] }]);
    const program = groups[0]?.program as NodeProgram;
    expect(program).toMatchObject({ name: "validator", entry: "dist/validator/main.js" });
    const { nodeFlags = [] } = program;
    expect(nodeFlags.length).toBeGreaterThan(0);
    expect(execFileSync(process.execPath, [...nodeFlags, "-p", "1"], { encoding: "utf8" })).toBe("1\n");
    expect(existsSync(join(program.root, "src/protocol/mysticeti.ts"))).toBe(true);
    expect(existsSync(join(program.root, "node_modules/ws/package.json"))).toBe(true);
  });

  test("all share one genesis; each has its own key and knows all the others", () => {
    const nodes = filesOf(4, {
      minRoundDelayMs: 20,
      blockSizeBytes: 5_000,
      mempoolSizeTransactions: 300,
      logSync: "block",
    });
    const genesis = nodes[0]?.files["genesis.json"];
    expect(genesis).toMatchObject({
      mode: 0o644,
      value: {
        chainId: expect.stringMatching(/^baleen-[0-9a-f]{12}$/),
        genesisTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        validators: [{ authority: 0 }, { authority: 1 }, { authority: 2 }, { authority: 3 }],
      },
    });
    const keys = genesis.value.validators as { publicKey: string }[];
    for (const [index, node] of nodes.entries()) {
      expect(node.args).toEqual(["--home", "/data"]);
      expect(Object.keys(node.files).sort()).toEqual(["config.json", "genesis.json", "validator-key.json"]);
      expect(node.files["genesis.json"].content).toBe(genesis.content);
      const { mode, value } = node.files["validator-key.json"];
      expect([mode, value.authority]).toEqual([0o600, index]);
      const seed = Buffer.from(value.seed as string, "base64");
      expect(Buffer.from(publicKeyOf(seed)).toString("base64")).toBe(keys[index]?.publicKey);
      expect(node.files["config.json"].value).toEqual({
        moniker: `node${index}`,
        rpc: { host: "0.0.0.0", port: 26_657 },
        peer: { host: "0.0.0.0", port: 26_656 },
        metrics: { host: "0.0.0.0", port: 26_660 },
        peers: [0, 1, 2, 3]
          .filter((other) => other !== index)
          .map((authority) => ({ authority, host: `node${authority}`, port: 26_656 })),
        ...defaultValidatorTuning,
        consensus: { ...defaultValidatorTuning.consensus, minRoundDelayMs: 20, blockSizeBytes: 5_000 },
        mempool: { ...defaultValidatorTuning.mempool, mostTransactions: 300 },
        log: { ...defaultValidatorTuning.log, sync: "block" },
        rpcLimits: { ...defaultValidatorTuning.rpcLimits, mostConnections: 65_536 },
      });
    }
    expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(4);
  });

  test("keys and chain are a plan's own: what it configures agrees, and no other plan has them", () => {
    const group = mysticeti.plan({ nodes: 4, options: {} }).groups[0];
    const [node, ...others] = planned(4);
    if (group === undefined || node === undefined) throw new Error("no group of nodes");
    const view = viewOf([node, ...others]);
    expect(group.configure(node, view)).toEqual(group.configure(node, view));
    const plans = [filesOf(4), filesOf(4)];
    const seeds = plans.flat().map(({ files }) => files["validator-key.json"].value.seed);
    expect(new Set(seeds).size).toBe(8);
    expect(new Set(plans.map(([first]) => first?.files["genesis.json"].value.chainId)).size).toBe(2);
  });

  test("a committee smaller than the leaders per round has as many as it can", () => {
    const config = filesOf(1)[0]?.files["config.json"].value;
    expect(config).toMatchObject({ peers: [], consensus: { leadersPerRound: 1 } });
  });

  test("tells all faults of its options at once", () => {
    const options = {
      minRoundDelayMs: -1,
      leaderTimeoutMs: "250",
      leadersPerRound: 0.5,
      logSync: 1,
      logsync: "none",
      roundDelay: 1,
    };
    const plan = () => mysticeti.plan({ nodes: 0, options });
    expect(plan).toThrow(ConfigurationError);
    expect(plan).toThrow(
      /committee of 0 nodes[\s\S]*Did you mean logSync\?[\s\S]*roundDelay[\s\S]*minRoundDelayMs[\s\S]*leaderTimeoutMs[\s\S]*leadersPer[\s\S]*logSync .* must be one of none, interval, block/,
    );
  });
});

test("tolerated faults", () => {
  expect([1, 2, 3, 4, 6, 7, 10, 100].map(mysticeti.toleratedFaults)).toEqual([0, 0, 0, 1, 1, 2, 3, 33]);
});

test("is found by name", () => {
  expect(findProtocol("mysticeti")).toBe(mysticeti);
  expect(findProtocol("toString")).toBeUndefined();
  expect(protocols.map(({ name }) => name)).toEqual([
    "mysticeti",
    "cometbft",
    "ethereum",
    "mesh",
    "browsers",
    "flows",
  ]);
});

test("probe tells height and peers, and rejects where nothing answers", async () => {
  const peer = (authority: number) => ({
    authority,
    nodeId: createHash("sha256").update(String(authority)).digest("hex").slice(0, 40),
    remoteAddress: "127.0.0.1",
    outbound: true,
  });
  const chain = openMemoryChain({ peers: [peer(0), peer(2)] });
  const server = await serve(chain);
  const rpc = { host: "127.0.0.1", port: server.port };
  const options = { timeoutMs: 5000, signal: new AbortController().signal };
  expect(await mysticeti.probe(rpc, options)).toEqual({ height: 0, peers: 2, catchingUp: false });
  chain.commit();
  expect(await mysticeti.probe(rpc, options)).toEqual({ height: 1, peers: 2, catchingUp: false });
  await server.close();
  await expect(mysticeti.probe(rpc, options)).rejects.toThrow();
});

test("a block's fingerprint is the same from history and from an observer's eyes, with the block's time", async () => {
  const chain = openMemoryChain();
  const server = await serve(chain);
  const rpc = { host: "127.0.0.1", port: server.port };
  const options = { timeoutMs: 5000, signal: new AbortController().signal };
  chain.commit();
  chain.commit();
  const [first, second] = [await readBlock(rpc, 1, options), await readBlock(rpc, 2, options)];
  expect(await mysticeti.history?.fingerprintAt(rpc, 1, options)).toBe(first.fingerprint);
  expect(await mysticeti.history?.fingerprintAt(rpc, 2, options)).toBe(second.fingerprint);
  expect(second.fingerprint).not.toBe(first.fingerprint);
  expect([first.timeMs, second.timeMs]).toEqual([chain.block(1)?.timeMs, chain.block(2)?.timeMs]);
  expect(await mysticeti.history?.fingerprintAt(rpc, 3, options)).toBeUndefined();
  chain.prune(2);
  expect(await mysticeti.history?.fingerprintAt(rpc, 1, options)).toBeUndefined();
  expect(await mysticeti.history?.fingerprintAt(rpc, 2, options)).toBe(second.fingerprint);
  await server.close();
  await expect(mysticeti.history?.fingerprintAt(rpc, 1, options)).rejects.toThrow();
});
