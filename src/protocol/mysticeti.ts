import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { DeploymentPlan, NodeProgram, PlacementView, PlannedNode } from "../contracts/deployment.ts";
import type { DeploymentRequest, Protocol, ProtocolOption } from "../contracts/protocol.ts";
import { checkedOptions, committeeDiagnostics } from "../contracts/protocol-options.ts";
import { packageClosure } from "../core/process/packages.ts";
import { keySeedBytes, publicKeyOf } from "../validator/wire/keys.ts";
import {
  defaultValidatorTuning,
  type GenesisFile,
  nodeFileNames,
  type ValidatorConfigFile,
  type ValidatorKeyFile,
  type ValidatorTuning,
} from "../validator/wire/node-files.ts";
import { tuningDefault, tuningField } from "../validator/wire/tuning.ts";
import { observeCommits } from "./commits/observer.ts";
import { probe, readBlockHash } from "./commits/rpc-client.ts";
import { jsonFile } from "./plan-parts.ts";
import { broadcastTxAsyncEveryWay, largestSubmittedBytes } from "./rpc/json-rpc.ts";
import { buildTransactionFormat } from "./transactions/transaction.ts";

const role = "validator";

/** The embedded validator, from the package that this file belongs to. */
const program: NodeProgram = {
  kind: "node-program",
  name: "validator",
  root: fileURLToPath(new URL("../..", import.meta.url)),
  entry: "dist/validator/main.js",
  // Blocks live for a hundred rounds. A heap that begins small collects them again and again while it grows.
  // Where all cores are busy, threads that help to collect are waited for longer than they save.
  nodeFlags: ["--initial-old-space-size=128", "--min-semi-space-size=16", "--no-parallel-scavenge"],
  include: ["dist/core", "dist/validator", "package.json"],
  packages: packageClosure(["ws"], import.meta.url),
};

/** Options of the protocol and what they are called in a validator's configuration. */
const optionFields = {
  minRoundDelayMs: tuningField("consensus", "minRoundDelayMs"),
  leaderTimeoutMs: tuningField("consensus", "leaderTimeoutMs"),
  leadersPerRound: tuningField("consensus", "leadersPerRound"),
  blockSizeBytes: tuningField("consensus", "blockSizeBytes"),
  mempoolSizeTransactions: tuningField("mempool", "mostTransactions"),
  logSync: tuningField("log", "sync"),
} as const;

/** The defaults of a committee whose nodes are near one another; between continents a leader's block takes longer. */
const remoteDefaults: Readonly<Partial<Record<keyof typeof optionFields, number>>> = {
  leaderTimeoutMs: 1000,
};

const options: readonly ProtocolOption[] = Object.entries(optionFields).map(([name, field]) => {
  const remoteDefault = remoteDefaults[name as keyof typeof optionFields];
  return {
    name,
    meaning: field.meaning,
    allowed: field.allowed,
    default: tuningDefault(field),
    ...(remoteDefault === undefined ? {} : { remoteDefault }),
  };
});

/** The load generator has one connection for each transaction under way, and bounds them itself. */
const mostRpcConnections = 65_536;

/** Authorities are 16 bits wide on the wire. */
const largestCommittee = 65_536;

/** A committee of embedded Mysticeti-C validators. */
export const mysticeti: Protocol = {
  name: "mysticeti",
  title: "embedded Mysticeti-C validators",
  options,
  toleratedFaults: (nodes) => Math.floor((nodes - 1) / 3),
  plan,
  probe,
  transactions: buildTransactionFormat(largestSubmittedBytes),
  submission: broadcastTxAsyncEveryWay,
  observeCommits,
  // A block's hash is the application hash after it: SHA-256 over the one before, the leader and the block's parts.
  history: { chained: true, fingerprintAt: readBlockHash },
  // What moves within a run. Its histograms of commit times have 75 buckets each, and are left out: they would be two
  // thirds of the file.
  metrics: {
    plane: "metrics",
    path: "/metrics",
    keep: [
      "cometbft_*",
      "committed_leaders_total",
      "leader_timeout_total",
      "equivocations_total",
      "block_sync_requests_total",
      "mysticeti_round",
      "mysticeti_mempool_refusals_total",
      "mysticeti_peer_*",
      "mysticeti_refused_connections_total",
      "mysticeti_state_syncs_total",
      "mysticeti_log_bytes",
      "mysticeti_suspended_blocks",
      "mysticeti_wanted_refs",
      "process_*",
      "nodejs_*",
    ],
  },
};

/**
 * Each plan is a chain of its own, with keys that nobody else can know: they are random, not from a seed that stands in
 * published results, and go nowhere but into the home of their node.
 */
function plan({ nodes, options }: DeploymentRequest): DeploymentPlan {
  const tuning = readOptions(nodes, options);
  const keySeeds = Array.from({ length: nodes }, () => randomBytes(keySeedBytes));
  const genesis: GenesisFile = {
    chainId: `baleen-${randomBytes(6).toString("hex")}`,
    genesisTime: new Date().toISOString(),
    validators: keySeeds.map((keySeed, authority) => ({
      authority,
      publicKey: publicKeyOf(keySeed).toString("base64"),
    })),
  };
  return {
    protocol: "mysticeti",
    groups: [
      {
        role,
        count: nodes,
        program,
        planes: ["rpc", "peer", "metrics"],
        configure: (node, view) => {
          const keySeed = keySeeds[node.index];
          if (keySeed === undefined) throw new TypeError(`a plan for ${nodes} nodes has no ${node.name}`);
          const key: ValidatorKeyFile = { authority: node.index, seed: keySeed.toString("base64") };
          return {
            args: ["--home", view.home],
            files: [
              jsonFile(nodeFileNames.genesis, genesis, 0o644),
              jsonFile(nodeFileNames.key, key, 0o600),
              jsonFile(nodeFileNames.config, configOf(node, view, tuning), 0o644),
            ],
          };
        },
      },
    ],
  };
}

function configOf(node: PlannedNode, view: PlacementView, tuning: ValidatorTuning): ValidatorConfigFile {
  const others = view.nodes.filter((other) => other.role === role && other.name !== node.name);
  return {
    moniker: node.name,
    rpc: view.listen("rpc"),
    peer: view.listen("peer"),
    metrics: view.listen("metrics"),
    peers: others.map(({ index, name }) => ({ authority: index, ...view.endpoint(name, "peer") })),
    ...tuning,
  };
}

/** Checks all at once. More leaders per round than validators are as many as there are validators. */
function readOptions(nodes: number, given: Readonly<Record<string, unknown>>): ValidatorTuning {
  const ofCommittee = committeeDiagnostics(nodes, largestCommittee);
  const values = checkedOptions("mysticeti", options, given, ofCommittee);
  const tuning =
    structuredClone<Record<keyof ValidatorTuning, Record<string, number | string>>>(defaultValidatorTuning);
  for (const [name, { section, name: field }] of Object.entries(optionFields)) {
    tuning[section][field] = values[name] ?? "";
  }
  tuning.consensus.leadersPerRound = Math.min(Number(values.leadersPerRound), nodes);
  tuning.rpcLimits.mostConnections = mostRpcConnections;
  // Each value passed the rule of its field.
  return tuning as unknown as ValidatorTuning;
}
