/** An Ethereum development node (anvil), by the JSON-RPC that all Ethereum clients have. */
import type { DeploymentPlan, PlacementView } from "../../contracts/deployment.ts";
import type { DeploymentRequest, Protocol, ProtocolOption } from "../../contracts/protocol.ts";
import { checkedOptions } from "../../contracts/protocol-options.ts";
import type { Diagnostic } from "../../core/errors.ts";
import type { ChainSource } from "../commits/chain-place.ts";
import { observeCommits } from "../commits/observer.ts";
import { programOf } from "../plan-parts.ts";
import { probe, readBlock, readBlockHash, readExtent } from "./rpc.ts";
import { sendRawTransaction } from "./submission.ts";
import { subscribeToHeads } from "./subscription.ts";
import { chainId, ethereumTransactions } from "./transaction.ts";

/** The release that is named where one must be. */
const version = "v1.7.1";
const image = `ghcr.io/foundry-rs/foundry:${version}`;
const published = {
  name: "anvil",
  image,
  entrypoint: ["anvil"],
  remedy:
    "It is part of Foundry (https://getfoundry.sh), and the npm package @foundry-rs/anvil-linux-amd64 contains it as " +
    `bin/anvil; the image is ${image}.`,
};

const source: ChainSource = { readExtent, readBlock, subscribe: subscribeToHeads };

/** All options, checked. */
interface EthereumOptions {
  readonly blockTimeSecs: number;
  readonly gasLimit: number;
  readonly order: "fees" | "fifo";
}

/** How anvil's nodes can be told to work. Defaults are anvil's, but for the block time. */
const ethereumOptions: readonly ProtocolOption[] = [
  {
    name: "blockTimeSecs",
    meaning: "time between blocks; 0: a block for each transaction, immediately",
    // Longer than it takes to see that heights grow would never be called ready.
    allowed: { kind: "number", least: 0, most: 10, whole: false },
    default: 1,
  },
  {
    name: "gasLimit",
    meaning: "gas limit of a block",
    allowed: { kind: "number", least: 1_000_000, most: 1_000_000_000_000, whole: true },
    default: 30_000_000,
  },
  {
    name: "order",
    meaning: "order of the waiting transactions",
    allowed: { kind: "choice", choices: ["fees", "fifo"] },
    default: "fees",
  },
];

/** One development node, which alone makes the blocks. */
export const ethereum: Protocol = {
  name: "ethereum",
  title: "an Ethereum development node (anvil) over JSON-RPC",
  options: ethereumOptions,
  toleratedFaults: () => 0,
  plan,
  probe,
  transactions: ethereumTransactions,
  submission: sendRawTransaction,
  observeCommits: (rpc, listener, options) => observeCommits(rpc, listener, { ...options, source }),
  // A block's hash is over its header, which has the hash of the block before it.
  history: { chained: true, fingerprintAt: readBlockHash },
};

function plan({ nodes, options, program }: DeploymentRequest): DeploymentPlan {
  const values = checkedOptions("ethereum", ethereumOptions, options, committeeDiagnostics(nodes));
  // Each passed the rule of its row.
  const checked = values as unknown as EthereumOptions;
  return {
    protocol: "ethereum",
    groups: [
      {
        role: "node",
        count: nodes,
        program: programOf(published, program),
        planes: ["rpc"],
        configure: (_node, view) => ({ args: argumentsOf(checked, view), files: [] }),
      },
    ],
  };
}

/** A base fee of 0 stays 0, so that accounts without money may send. There are no others. */
function argumentsOf(
  { blockTimeSecs, gasLimit, order }: EthereumOptions,
  view: PlacementView,
): readonly string[] {
  const { host, port } = view.listen("rpc");
  const noFees = ["--block-base-fee-per-gas", "0", "--gas-price", "0", "--disable-min-priority-fee"];
  return [
    ...["--host", host, "--port", String(port)],
    ...["--chain-id", String(chainId), "--accounts", "0", ...noFees],
    ...["--gas-limit", String(gasLimit), "--order", order],
    ...(blockTimeSecs === 0 ? [] : ["--block-time", String(blockTimeSecs)]),
    ...["--cache-path", view.home],
  ];
}

/** Development nodes do not speak with each other. */
function committeeDiagnostics(nodes: number): Diagnostic[] {
  if (nodes === 1) return [];
  const message =
    `A committee of ${nodes} nodes is impossible with anvil, a development node: each has its own chain, ` +
    "and none receives another's blocks. Choose a committee of 1 (--committee 1).";
  return [{ code: "committee-size", message }];
}
