/** The files of a node's home, in the formats of CometBFT 0.38. What is not in them has CometBFT's default. */
import { randomBytes } from "node:crypto";
import type { NodeFile, PlacementView, PlannedNode } from "../../contracts/deployment.ts";
import { formatAuthority } from "../../core/address.ts";
import { keySeedBytes, nodeIdOf, publicKeyOf, validatorAddress } from "../../validator/wire/keys.ts";
import { jsonFile } from "../plan-parts.ts";
import type { CometBftOptions } from "./options.ts";

type NodeKeys = ReturnType<typeof makeNodeKeys>;

/** A chain, and the keys of its nodes by their index. */
export interface CometBftChain {
  /** At most 50 characters. */
  readonly id: string;
  /** RFC 3339. */
  readonly genesisTime: string;
  readonly keys: readonly NodeKeys[];
  readonly options: CometBftOptions;
}

/** All files of a node that has its place. */
export function buildNodeFiles(chain: CometBftChain, node: PlannedNode, view: PlacementView): NodeFile[] {
  const { validator, node: own } = keysOf(chain, node);
  return [
    { path: "config/config.toml", content: buildConfig(chain, node, view), mode: 0o644 },
    jsonFile("config/genesis.json", genesisOf(chain), 0o644),
    jsonFile("config/node_key.json", { priv_key: own.private }, 0o600),
    jsonFile(
      "config/priv_validator_key.json",
      { address: validator.address, pub_key: validator.public, priv_key: validator.private },
      0o600,
    ),
    jsonFile("data/priv_validator_state.json", { height: "0", round: 0, step: 0 }, 0o600),
  ];
}

/** Consensus parameters are those that `cometbft init` writes. */
function genesisOf({ id, genesisTime, keys }: CometBftChain) {
  return {
    genesis_time: genesisTime,
    chain_id: id,
    initial_height: "1",
    consensus_params: {
      block: { max_bytes: "22020096", max_gas: "-1" },
      evidence: { max_age_num_blocks: "100000", max_age_duration: "172800000000000", max_bytes: "1048576" },
      validator: { pub_key_types: ["ed25519"] },
      version: { app: "0" },
      abci: { vote_extensions_enable_height: "0" },
    },
    validators: keys.map(({ validator }, index) => ({
      address: validator.address,
      pub_key: validator.public,
      power: "1",
      name: `node${index}`,
    })),
    app_hash: "",
  };
}

function buildConfig(chain: CometBftChain, node: PlannedNode, view: PlacementView): string {
  const { options } = chain;
  const others = view.nodes.filter(({ role, name }) => role === node.role && name !== node.name);
  const idOf = (other: PlannedNode) => keysOf(chain, other).node.id;
  return toml({
    "": { moniker: node.name, log_level: options.logLevel, db_backend: "goleveldb" },
    rpc: {
      laddr: `tcp://${formatAuthority(view.listen("rpc"))}`,
      max_open_connections: options.maxOpenConnections,
      max_subscription_clients: options.maxSubscriptionClients,
      max_request_batch_size: options.maxBatchRequests,
    },
    p2p: {
      laddr: `tcp://${formatAuthority(view.listen("peer"))}`,
      persistent_peers: others
        .map((other) => `${idOf(other)}@${formatAuthority(view.endpoint(other.name, "peer"))}`)
        .join(","),
      // All know all: no bound on peers, no search for more, and several may be on one machine.
      unconditional_peer_ids: others.map(idOf).join(","),
      pex: false,
      addr_book_strict: false,
      allow_duplicate_ip: true,
      flush_throttle_timeout: `${options.flushThrottleMs}ms`,
      send_rate: options.p2pRateBytesPerSecond,
      recv_rate: options.p2pRateBytesPerSecond,
    },
    mempool: {
      size: options.mempoolSizeTransactions,
      cache_size: options.mempoolCacheTransactions,
      recheck: options.recheck === "on",
    },
    consensus: {
      timeout_propose: `${options.timeoutProposeMs}ms`,
      timeout_commit: `${options.timeoutCommitMs}ms`,
      create_empty_blocks_interval: `${options.emptyBlockIntervalMs}ms`,
      peer_gossip_sleep_duration: `${options.peerGossipSleepMs}ms`,
    },
    tx_index: { indexer: options.indexer },
    instrumentation: {
      prometheus: true,
      prometheus_listen_addr: formatAuthority(view.listen("metrics")),
    },
  });
}

function keysOf({ keys }: CometBftChain, { name, index }: PlannedNode): NodeKeys {
  const found = keys[index];
  if (found === undefined) throw new TypeError(`a plan for ${keys.length} nodes has no ${name}`);
  return found;
}

/** Strings, numbers and booleans are written in TOML as in JSON. */
function toml(tables: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>): string {
  const parts = Object.entries(tables).map(([name, keys]) => {
    const lines = Object.entries(keys).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
    return `${name === "" ? "" : `[${name}]\n`}${lines.join("")}`;
  });
  return parts.join("\n");
}

/** Each node has two: one signs its votes, the other names it among its peers. */
export function makeNodeKeys() {
  return { validator: makeKey(), node: makeKey() };
}

/** An ed25519 key as CometBFT's files have it. */
function makeKey() {
  const keySeed = randomBytes(keySeedBytes);
  const publicKey = publicKeyOf(keySeed);
  const base64 = (bytes: Buffer) => bytes.toString("base64");
  return {
    /** A node's name among its peers, where it is a node's. */
    id: nodeIdOf(publicKey),
    /** A validator's, where it is a validator's. */
    address: validatorAddress(publicKey).toString("hex").toUpperCase(),
    public: { type: "tendermint/PubKeyEd25519", value: base64(publicKey) },
    private: { type: "tendermint/PrivKeyEd25519", value: base64(Buffer.concat([keySeed, publicKey])) },
  };
}
