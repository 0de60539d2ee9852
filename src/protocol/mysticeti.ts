import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type {
  DeploymentPlan,
  NodeConfiguration,
  NodeProgram,
  PlacementView,
  PlannedNode,
} from "../contracts/deployment.ts";
import type { DeploymentRequest, Protocol } from "../contracts/protocol.ts";
import { ConfigurationError, type Fault } from "../core/errors.ts";
import { publicKeyOf, validatorSeed } from "../wire/keys.ts";
import {
  defaultValidatorTuning,
  type GenesisFile,
  nodeFileNames,
  type ValidatorConfigFile,
  type ValidatorKeyFile,
} from "../wire/node-files.ts";
import { observeCommits } from "./commit-observer.ts";
import { broadcastTxAsync, largestSubmittedBytes } from "./json-rpc.ts";
import { probe } from "./rpc-client.ts";
import { buildTransactionFormat } from "./transaction.ts";

const role = "validator";

/** The embedded validator, from the package that this file belongs to. */
const program: NodeProgram = {
  kind: "node-program",
  name: "validator",
  root: fileURLToPath(new URL("../..", import.meta.url)),
  entry: "dist/validator/main.js",
  include: ["dist/core", "dist/wire", "dist/validator", "package.json"],
  packages: { ws: dirname(createRequire(import.meta.url).resolve("ws/package.json")) },
};

type Consensus = Pick<
  ValidatorConfigFile["consensus"],
  "minRoundDelayMs" | "leaderTimeoutMs" | "leadersPerRound"
>;

/** Options of the protocol: default and range, whole numbers. */
const optionRanges: Readonly<
  Record<keyof Consensus, { usual: number; least: number; most: number; meaning: string }>
> = {
  minRoundDelayMs: { usual: 50, least: 0, most: 60_000, meaning: "pause between a validator's own blocks" },
  leaderTimeoutMs: { usual: 250, least: 1, most: 600_000, meaning: "longest wait for a round's leaders" },
  leadersPerRound: { usual: 2, least: 1, most: 100, meaning: "leaders of each round" },
};

/** Authorities are 16 bits wide on the wire. */
const largestCommittee = 65_536;

/** A committee of embedded Mysticeti-C validators. */
export const mysticeti: Protocol = {
  name: "mysticeti",
  toleratedFaults: (nodes) => Math.floor((nodes - 1) / 3),
  plan,
  probe,
  transactions: buildTransactionFormat(largestSubmittedBytes),
  submission: broadcastTxAsync,
  observeCommits,
};

/** Keys follow from the seed alone; the genesis time is now, so that each plan is a chain of its own. */
function plan({ nodes, seed, options }: DeploymentRequest): DeploymentPlan {
  const consensus = readOptions(nodes, options);
  const keySeeds = Array.from({ length: nodes }, (_, authority) => validatorSeed(seed, authority));
  const genesisTime = new Date().toISOString();
  const genesis: GenesisFile = {
    chainId: `baleen-${createHash("sha256").update(`${seed}\n${genesisTime}`).digest("hex").slice(0, 12)}`,
    genesisTime,
    validators: keySeeds.map((keySeed, authority) => ({
      authority,
      publicKey: base64(publicKeyOf(keySeed)),
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
          const key: ValidatorKeyFile = {
            authority: node.index,
            seed: base64(validatorSeed(seed, node.index)),
          };
          return configuration(view, { genesis, key, config: configOf(node, view, consensus) });
        },
      },
    ],
  };
}

interface ValidatorFiles {
  readonly genesis: GenesisFile;
  readonly key: ValidatorKeyFile;
  readonly config: ValidatorConfigFile;
}

function configuration(view: PlacementView, files: ValidatorFiles): NodeConfiguration {
  const file = (name: keyof ValidatorFiles, mode: number) => ({
    path: nodeFileNames[name],
    content: `${JSON.stringify(files[name], null, 2)}\n`,
    mode,
  });
  return {
    args: ["--home", view.home],
    files: [file("genesis", 0o644), file("key", 0o600), file("config", 0o644)],
  };
}

function configOf(node: PlannedNode, view: PlacementView, consensus: Consensus): ValidatorConfigFile {
  const others = view.nodes.filter((other) => other.role === role && other.name !== node.name);
  return {
    moniker: node.name,
    rpc: view.listen("rpc"),
    peer: view.listen("peer"),
    metrics: view.listen("metrics"),
    peers: others.map(({ index, name }) => ({ authority: index, ...view.endpoint(name, "peer") })),
    ...defaultValidatorTuning,
    consensus: { ...defaultValidatorTuning.consensus, ...consensus },
  };
}

/** Checks all at once. More leaders per round than validators are as many as there are validators. */
function readOptions(nodes: number, options: Readonly<Record<string, unknown>>): Consensus {
  const faults: Fault[] = [];
  if (!(Number.isInteger(nodes) && nodes >= 1 && nodes <= largestCommittee)) {
    const message = `A committee of ${nodes} nodes cannot be made; choose 1 to ${largestCommittee}.`;
    faults.push({ code: "committee-size", message });
  }
  const known = Object.keys(optionRanges);
  for (const name of Object.keys(options).filter((name) => !known.includes(name))) {
    const message = `mysticeti has no option ${name}; it has ${known.join(", ")}.`;
    faults.push({ code: "unknown-protocol-option", message });
  }
  const read = (name: keyof Consensus): number => {
    const { usual, least, most, meaning } = optionRanges[name];
    const value = options[name] ?? usual;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    const message = `${name} (${meaning}) is ${JSON.stringify(value)}; it must be a whole number from ${least} to ${most}.`;
    faults.push({ code: "protocol-option", message });
    return usual;
  };
  const consensus = {
    minRoundDelayMs: read("minRoundDelayMs"),
    leaderTimeoutMs: read("leaderTimeoutMs"),
    leadersPerRound: Math.min(read("leadersPerRound"), nodes),
  };
  if (faults.length > 0) throw new ConfigurationError(faults);
  return consensus;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
