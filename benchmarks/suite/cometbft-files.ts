/** The files of a CometBFT node's home, in the formats of CometBFT 0.38. */
import { createHmac } from "node:crypto";
import type { Endpoint, NodeFile } from "../../src/contracts/deployment.ts";
import { formatAuthority } from "../../src/core/address.ts";
import { nodeIdOf, publicKeyOf, validatorAddress } from "../../src/wire/keys.ts";

/** What differs between the two ways that CometBFT is measured in; what is not here has CometBFT's default. */
export interface CometBftTuning {
  readonly timeoutCommit: string;
  readonly flushThrottle: string;
  readonly peerGossipSleep: string;
  readonly mempoolTransactions: number;
  readonly mempoolCache: number;
  readonly recheck: boolean;
  readonly rateBytes: number;
  readonly indexer: "kv" | "null";
}

/** As `cometbft init` writes them. */
export const cometBftDefaults: CometBftTuning = {
  timeoutCommit: "1s",
  flushThrottle: "100ms",
  peerGossipSleep: "100ms",
  mempoolTransactions: 5_000,
  mempoolCache: 10_000,
  recheck: true,
  rateBytes: 5_120_000,
  indexer: "kv",
};

/** Where a node listens. */
export interface CometBftPlace {
  readonly rpc: Endpoint;
  readonly peer: Endpoint;
}

export interface CometBftPlan {
  /** All keys of the network follow from it. */
  readonly secret: Buffer;
  /** RFC 3339. */
  readonly genesisTime: string;
  readonly places: readonly CometBftPlace[];
  readonly tuning: CometBftTuning;
}

/** All files of node `index`. */
export function buildCometBftFiles(plan: CometBftPlan, index: number): NodeFile[] {
  const validatorKey = keyOf(plan.secret, `validator ${index}`);
  const files: Record<string, string> = {
    "config/config.toml": buildConfig(plan, index),
    "config/genesis.json": json(genesisOf(plan)),
    "config/node_key.json": json({ priv_key: nodeKeyOf(plan.secret, index).private }),
    "config/priv_validator_key.json": json({
      address: validatorKey.address,
      pub_key: validatorKey.public,
      priv_key: validatorKey.private,
    }),
    "data/priv_validator_state.json": json({ height: "0", round: 0, step: 0 }),
  };
  return Object.entries(files).map(([path, content]) => ({ path, content, mode: 0o600 }));
}

/** Consensus parameters are those that `cometbft init` writes. */
function genesisOf({ secret, genesisTime, places }: CometBftPlan) {
  return {
    genesis_time: genesisTime,
    chain_id: "beside",
    initial_height: "1",
    consensus_params: {
      block: { max_bytes: "22020096", max_gas: "-1" },
      evidence: { max_age_num_blocks: "100000", max_age_duration: "172800000000000", max_bytes: "1048576" },
      validator: { pub_key_types: ["ed25519"] },
      version: { app: "0" },
      abci: { vote_extensions_enable_height: "0" },
    },
    validators: places.map((_, index) => {
      const { address, public: publicKey } = keyOf(secret, `validator ${index}`);
      return { address, pub_key: publicKey, power: "1", name: `node${index}` };
    }),
    app_hash: "",
  };
}

function buildConfig({ secret, places, tuning }: CometBftPlan, index: number): string {
  const own = places[index] as CometBftPlace;
  const peers = places
    .map(({ peer }, other) => ({ other, at: `${nodeKeyOf(secret, other).id}@${formatAuthority(peer)}` }))
    .filter(({ other }) => other !== index)
    .map(({ at }) => at);
  return toml({
    "": { moniker: `node${index}`, log_level: "error", db_backend: "goleveldb" },
    rpc: { laddr: `tcp://${formatAuthority(own.rpc)}` },
    p2p: {
      laddr: `tcp://${formatAuthority(own.peer)}`,
      persistent_peers: peers.join(","),
      addr_book_strict: false,
      allow_duplicate_ip: true,
      pex: false,
      flush_throttle_timeout: tuning.flushThrottle,
      send_rate: tuning.rateBytes,
      recv_rate: tuning.rateBytes,
    },
    mempool: {
      size: tuning.mempoolTransactions,
      cache_size: tuning.mempoolCache,
      recheck: tuning.recheck,
    },
    consensus: {
      timeout_commit: tuning.timeoutCommit,
      peer_gossip_sleep_duration: tuning.peerGossipSleep,
    },
    tx_index: { indexer: tuning.indexer },
  });
}

/** Strings, numbers and booleans are written in TOML as in JSON. */
function toml(tables: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>): string {
  const parts = Object.entries(tables).map(([name, keys]) => {
    const lines = Object.entries(keys).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
    return `${name === "" ? "" : `[${name}]\n`}${lines.join("")}`;
  });
  return parts.join("\n");
}

/** A node's name among its peers comes from a key of its own, apart from the validator's. */
function nodeKeyOf(secret: Buffer, index: number) {
  return keyOf(secret, `node ${index}`);
}

function keyOf(secret: Buffer, owner: string) {
  const keySeed = createHmac("sha256", secret).update(owner).digest();
  const publicKey = publicKeyOf(keySeed);
  const base64 = (bytes: Buffer) => bytes.toString("base64");
  return {
    id: nodeIdOf(publicKey),
    address: validatorAddress(publicKey).toString("hex").toUpperCase(),
    public: { type: "tendermint/PubKeyEd25519", value: base64(publicKey) },
    private: { type: "tendermint/PrivKeyEd25519", value: base64(Buffer.concat([keySeed, publicKey])) },
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
