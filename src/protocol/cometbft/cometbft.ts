/** CometBFT of the 0.38 line, with the kvstore application inside each node. */
import { randomBytes } from "node:crypto";
import type { DeploymentPlan } from "../../contracts/deployment.ts";
import type { DeploymentRequest, NodeMetrics, Protocol } from "../../contracts/protocol.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { observeCommits } from "../commits/observer.ts";
import { probe, readBlockHash } from "../commits/rpc-client.ts";
import { programOf } from "../plan-parts.ts";
import { broadcastTxAsync, broadcastTxAsyncEveryWay, largestSubmittedBytes } from "../rpc/json-rpc.ts";
import { bodyTemplate } from "../rpc/json-rpc-bytes.ts";
import { buildKvstoreFormat } from "../transactions/kvstore.ts";
import { hexSequence } from "../transactions/sequence-letters.ts";
import { buildNodeFiles, makeNodeKeys } from "./node-files.ts";
import { cometBftOptions, readCometBftOptions } from "./options.ts";

/** The release that is named where one must be. */
const version = "v0.38.26";
const image = `cometbft/cometbft:${version}`;
const published = {
  name: "cometbft",
  image,
  entrypoint: ["cometbft"],
  remedy:
    `go install github.com/cometbft/cometbft/cmd/cometbft@${version} builds it (Go 1.22 or newer), ` +
    `and the image is ${image}.`,
};

/** How its application runs: in the node, in memory. After a restart the node replays its blocks into it. */
const application = "kvstore";

/**
 * As many for a node whatever the committee: none that are told for each peer or proposer. A histogram has tens of
 * series, each kept every second: of those only the ones that say where the time of a block goes.
 */
const metrics: NodeMetrics = {
  plane: "metrics",
  path: "/metrics",
  keep: [
    // Whether the chain goes on, and what keeps it: rounds that failed, votes that are missing or came late.
    "cometbft_consensus_height",
    "cometbft_consensus_rounds",
    "cometbft_consensus_round_duration_seconds*",
    "cometbft_consensus_validators",
    "cometbft_consensus_missing_validators",
    "cometbft_consensus_byzantine_validators",
    "cometbft_consensus_late_votes",
    // What it carries.
    "cometbft_consensus_block_interval_seconds*",
    "cometbft_consensus_block_size_bytes",
    "cometbft_consensus_num_txs",
    "cometbft_consensus_total_txs",
    // What waits, and what was refused or thrown out.
    "cometbft_mempool_size",
    "cometbft_mempool_size_bytes",
    "cometbft_mempool_failed_txs",
    "cometbft_mempool_rejected_txs",
    "cometbft_mempool_evicted_txs",
    "cometbft_mempool_recheck_times",
    // By kind of message: what gossip costs.
    "cometbft_p2p_peers",
    "cometbft_p2p_message_receive_bytes_total",
    "cometbft_p2p_message_send_bytes_total",
    // Time in the application, and for a block in all.
    "cometbft_abci_connection_method_timing_seconds*",
    "cometbft_state_block_processing_time*",
    "go_memstats_heap_inuse_bytes",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
  ],
};

/** A committee of CometBFT validators, all of one voting power. */
export const cometbft: Protocol = {
  name: "cometbft",
  title: "CometBFT 0.38 validators with the kvstore application",
  options: cometBftOptions,
  toleratedFaults: (nodes) => Math.floor((nodes - 1) / 3),
  plan,
  probe,
  transactions: buildKvstoreFormat(largestSubmittedBytes),
  submission: {
    ...broadcastTxAsyncEveryWay,
    template: (transaction) => bodyTemplate(broadcastTxAsync.body(transaction, 0), hexSequence.base64),
  },
  observeCommits,
  // A block's hash is over its header, which has the hash of the block before it.
  history: { chained: true, fingerprintAt: readBlockHash },
  metrics,
};

/** Each plan is a chain of its own, with keys that nobody else can know: they go nowhere but into the home of their node. */
function plan({ nodes, options, program }: DeploymentRequest): DeploymentPlan {
  const checked = readCometBftOptions(nodes, options);
  const chain = {
    id: `baleen-${randomBytes(6).toString("hex")}`,
    genesisTime: new Date().toISOString(),
    keys: Array.from({ length: nodes }, makeNodeKeys),
    options: checked,
  };
  return {
    protocol: "cometbft",
    groups: [
      {
        role: "validator",
        count: nodes,
        program: programOf(published, program),
        planes: ["rpc", "peer", "metrics"],
        configure: (node, view) => ({
          args: ["node", "--home", checkHome(view.home), "--proxy_app", application],
          env: { GOGC: String(checked.gogcPercent) },
          files: buildNodeFiles(chain, node, view),
        }),
      },
    ],
  };
}

/** CometBFT would find no configuration there, and start with its defaults without a word. */
function checkHome(home: string): string {
  if (!home.includes("$")) return home;
  const message =
    `CometBFT expands a "$" in the path of its home as a variable: ${home}. ` +
    "Set XDG_STATE_HOME to a folder without one.";
  throw new ConfigurationError([{ code: "home-path", message }]);
}
