import { describe, expect, test } from "vitest";
import { goPrograms } from "../../../scripts/go-programs.ts";
import type { PlacementView, PlannedNode } from "../../../src/contracts/deployment.ts";
import type { Plane } from "../../../src/contracts/nodes/node.ts";
import { ConfigurationError } from "../../../src/core/errors.ts";
import { cometbft } from "../../../src/protocol/cometbft/cometbft.ts";
import { nodeIdOf, publicKeyOf, validatorAddress } from "../../../src/validator/wire/keys.ts";

const planned = (count: number): PlannedNode[] =>
  Array.from({ length: count }, (_, index) => ({ name: `node${index}`, role: "validator", index }));

function viewOf(nodes: readonly PlannedNode[], home = "/data"): PlacementView {
  const ports: Record<Plane, number> = { rpc: 26_657, peer: 26_656, metrics: 26_660 };
  return {
    home,
    nodes,
    endpoint: (target, plane) => ({ host: target, port: ports[plane] }),
    listen: (plane) => ({ host: plane === "rpc" ? "::" : "0.0.0.0", port: ports[plane] }),
    exported: () => "",
  };
}

interface Key {
  readonly type: string;
  readonly value: string;
}

function nodesOf(nodes: number, options: Record<string, unknown> = {}) {
  const [group] = cometbft.plan({ nodes, options }).groups;
  return planned(nodes).map((node, _, all) => {
    const { args, env, files = [] } = group?.configure(node, viewOf(all)) ?? {};
    const text = (path: string) => files.find((file) => file.path === path)?.content ?? "";
    const { priv_key: nodeKey } = JSON.parse(text("config/node_key.json")) as { priv_key: Key };
    return {
      args,
      env,
      modes: Object.fromEntries(files.map(({ path, mode }) => [path, mode])),
      config: text("config/config.toml"),
      genesis: text("config/genesis.json"),
      nodeKey,
      validatorKey: JSON.parse(text("config/priv_validator_key.json")) as {
        address: string;
        pub_key: Key;
        priv_key: Key;
      },
      state: JSON.parse(text("data/priv_validator_state.json")) as unknown,
    };
  });
}

/** The parts of a private key as CometBFT keeps it. */
function partsOf({ type, value }: Key) {
  expect(type).toBe("tendermint/PrivKeyEd25519");
  const bytes = Buffer.from(value, "base64");
  const publicKey = Buffer.from(publicKeyOf(bytes.subarray(0, 32)));
  expect(bytes.subarray(32)).toEqual(publicKey);
  return publicKey;
}

describe("plan", () => {
  test("a program of somebody else's: an image, a file, or what a user names", () => {
    const programOf = (program?: { path?: string; image?: string }) =>
      cometbft.plan({ nodes: 4, options: {}, program }).groups[0]?.program;
    const image = `cometbft/cometbft:v${goPrograms.cometbft.version}`;
    const usual = {
      kind: "foreign-program",
      name: "cometbft",
      remedy: expect.stringContaining("go install"),
    };
    expect(programOf()).toMatchObject({ ...usual, image, path: undefined, entrypoint: ["cometbft"] });
    expect(programOf({ image: "own:1" })).toMatchObject({ image: "own:1", entrypoint: ["cometbft"] });
    const made = programOf({ path: "/opt/cometbft" });
    expect(made).toMatchObject({ ...usual, path: "/opt/cometbft", image: undefined });
    expect(made).not.toHaveProperty("entrypoint");
    expect(programOf({ path: "/opt/cometbft", image: "own:1" })).toMatchObject({
      path: "/opt/cometbft",
      image: "own:1",
    });
  });

  test("all share one genesis; each has keys of its own and knows all the others", () => {
    const nodes = nodesOf(4);
    const genesis = JSON.parse(nodes[0]?.genesis ?? "") as {
      chain_id: string;
      genesis_time: string;
      validators: { address: string; pub_key: Key; power: string; name: string }[];
    };
    expect(genesis.chain_id).toMatch(/^baleen-[0-9a-f]{12}$/);
    expect(new Date(genesis.genesis_time).toISOString()).toBe(genesis.genesis_time);
    const ids = nodes.map(({ nodeKey }) => nodeIdOf(partsOf(nodeKey)));
    expect(new Set(ids).size).toBe(4);
    for (const [index, node] of nodes.entries()) {
      expect(node.genesis).toBe(nodes[0]?.genesis);
      expect(node.args).toEqual(["node", "--home", "/data", "--proxy_app", "kvstore"]);
      expect(node.modes).toEqual({
        "config/config.toml": 0o644,
        "config/genesis.json": 0o644,
        "config/node_key.json": 0o600,
        "config/priv_validator_key.json": 0o600,
        "data/priv_validator_state.json": 0o600,
      });
      const publicKey = partsOf(node.validatorKey.priv_key);
      const address = validatorAddress(publicKey).toString("hex").toUpperCase();
      const pub_key = { type: "tendermint/PubKeyEd25519", value: publicKey.toString("base64") };
      expect(node.validatorKey).toMatchObject({ address, pub_key });
      expect(genesis.validators[index]).toEqual({ address, pub_key, power: "1", name: `node${index}` });
      expect(node.state).toEqual({ height: "0", round: 0, step: 0 });
      const others = [0, 1, 2, 3].filter((other) => other !== index);
      const peers = others.map((other) => `${ids[other]}@node${other}:26656`).join(",");
      expect(node.config).toContain(`persistent_peers = "${peers}"\n`);
      expect(node.config).toContain('laddr = "tcp://[::]:26657"\n');
      expect(node.config).toContain('laddr = "tcp://0.0.0.0:26656"\n');
      expect(node.config).toContain('prometheus_listen_addr = "0.0.0.0:26660"\n');
    }
  });

  test("keys and chain are a plan's own: what it configures agrees, and no other plan has them", () => {
    const [group] = cometbft.plan({ nodes: 4, options: {} }).groups;
    const [node, ...others] = planned(4);
    if (group === undefined || node === undefined) throw new Error("no group of nodes");
    const view = viewOf([node, ...others]);
    expect(group.configure(node, view)).toEqual(group.configure(node, view));
    const plans = [...nodesOf(4), ...nodesOf(4)];
    const keys = plans.flatMap(({ nodeKey, validatorKey }) => [nodeKey.value, validatorKey.priv_key.value]);
    expect(new Set(keys).size).toBe(16);
  });

  test("defaults are CometBFT's, and another tuning changes them, but for what is given", () => {
    const usual = nodesOf(1)[0];
    expect(usual?.config).toMatch(/timeout_commit = "1000ms"[\s\S]*peer_gossip_sleep_duration = "100ms"/);
    expect(usual?.config).toMatch(/size = 5000\ncache_size = 10000\nrecheck = true/);
    expect(usual?.env).toEqual({ GOGC: "100" });
    const load = nodesOf(1, { tuning: "load", peerGossipSleepMs: 30, recheck: "on" })[0];
    expect(load?.config).toMatch(/timeout_commit = "50ms"[\s\S]*peer_gossip_sleep_duration = "30ms"/);
    expect(load?.config).toMatch(/size = 100000\ncache_size = 200000\nrecheck = true/);
    expect(load?.config).toContain('indexer = "null"');
    expect(load?.env).toEqual({ GOGC: "400" });
  });

  test("a home that CometBFT would not find its configuration in is refused", () => {
    const [group] = cometbft.plan({ nodes: 1, options: {} }).groups;
    const [node] = planned(1);
    if (group === undefined || node === undefined) throw new Error("no group of nodes");
    expect(() => group.configure(node, viewOf([node], "/data/$one"))).toThrow(/"\$"[\s\S]*\/data\/\$one/);
  });

  test("tells all faults of its options at once", () => {
    const options = { timeoutCommitMs: -1, recheck: true, timeoutCommit: "1s", indexer: "psql" };
    const plan = () => cometbft.plan({ nodes: 0, options });
    expect(plan).toThrow(ConfigurationError);
    expect(plan).toThrow(
      /committee of 0 nodes[\s\S]*Did you mean timeoutCommitMs\?[\s\S]*timeoutCommitMs .* is -1[\s\S]*recheck .* one of on, off[\s\S]*indexer .* one of kv, null/,
    );
  });
});

test("tolerated faults", () => {
  expect([1, 3, 4, 6, 7, 10].map(cometbft.toleratedFaults)).toEqual([0, 0, 1, 1, 2, 3]);
});
