/** The systems that are compared, each as a way to start its committee. */
import type { Network } from "../../src/contracts/deployment.ts";
import type { Protocol } from "../../src/contracts/protocol.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { ClientProtocol } from "../../src/load/client.ts";
import { createProcessDeployer } from "../../src/network/process.ts";
import { waitUntilReady } from "../../src/network/readiness.ts";
import { mysticeti } from "../../src/protocol/mysticeti.ts";
import { startCometBft } from "./cometbft.ts";
import { type CometBftTuning, cometBftDefaults } from "./cometbft-files.ts";
import { kvstoreTransactions } from "./kvstore-transaction.ts";

/** Both are CometBFT to who asks: the same RPC, the same transactions, the same observer. */
export const sharedProtocol: ClientProtocol & Pick<Protocol, "probe"> = {
  ...mysticeti,
  transactions: kvstoreTransactions,
};

export interface StartOptions {
  readonly stateDir: string;
  /** Name of the run, unique in the state folder. */
  readonly run: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** A system in one configuration. */
export interface Contender {
  readonly name: string;
  readonly settings: string;
  /** Numbers of uncommitted transactions to try it with, ascending: what it did best with in short runs; --sweep shows more. */
  readonly mostUncommitted: readonly number[];
  /** Resolves when the committee is ready for load. */
  readonly start: (options: StartOptions) => Promise<Network>;
}

const committeeSize = 4;
const readyTimeoutMs = 60_000;

/** All of them, the two systems in turn. */
export function listContenders(cometBft: string): readonly Contender[] {
  const comet = (tuning: Partial<CometBftTuning>) => (options: StartOptions) =>
    startCometBftCommittee({ ...options, program: cometBft, tuning: { ...cometBftDefaults, ...tuning } });
  const larger: Partial<CometBftTuning> = {
    timeoutCommit: "50ms",
    mempoolTransactions: 100_000,
    mempoolCache: 200_000,
    recheck: false,
    rateBytes: 512_000_000,
    indexer: "null",
  };
  const quicker: Partial<CometBftTuning> = { ...larger, flushThrottle: "10ms", peerGossipSleep: "10ms" };
  const relaxedCollector = (options: StartOptions) => ({ ...options, env: { ...options.env, GOGC: "400" } });
  return [
    {
      name: "embedded",
      settings: "defaults (minRoundDelayMs 50)",
      mostUncommitted: [20_000],
      start: startEmbedded,
    },
    {
      name: "CometBFT",
      settings: "defaults (timeout_commit 1 s, mempool of 5,000, indexer kv)",
      mostUncommitted: [3_000],
      start: comet({}),
    },
    {
      name: "embedded, quick",
      settings: "minRoundDelayMs 20",
      mostUncommitted: [20_000],
      start: (options) => startEmbedded({ ...options, minRoundDelayMs: 20 }),
    },
    {
      name: "CometBFT, larger",
      settings:
        "timeout_commit 50 ms, mempool 100,000, cache 200,000, recheck off, rates 512 MB/s, indexer null",
      mostUncommitted: [4_000, 20_000],
      start: comet(larger),
    },
    {
      name: "CometBFT, quick",
      settings: "as larger, and flush_throttle_timeout and peer_gossip_sleep_duration 10 ms, GOGC 400",
      mostUncommitted: [4_000, 8_000],
      start: (options) => comet(quicker)(relaxedCollector(options)),
    },
    {
      name: "CometBFT, quick, kv",
      settings: "as quick, with indexer kv",
      mostUncommitted: [2_000],
      start: (options) => comet({ ...quicker, indexer: "kv" })(relaxedCollector(options)),
    },
  ];
}

/** @param options.minRoundDelayMs default: the protocol's own */
export async function startEmbedded(options: StartOptions & { minRoundDelayMs?: number }): Promise<Network> {
  const { run, minRoundDelayMs } = options;
  const deployer = createProcessDeployer({ nodeBinary: process.execPath, ...options });
  const pace = minRoundDelayMs === undefined ? {} : { minRoundDelayMs };
  const plan = mysticeti.plan({ nodes: committeeSize, options: pace });
  const deploy = { run, cleanup: "remove", emit: () => {}, signal: options.signal } as const;
  return whenReady(await deployer.deploy(plan, deploy), options.signal);
}

async function startCometBftCommittee(
  options: StartOptions & { program: string; tuning: CometBftTuning },
): Promise<Network> {
  const network = await startCometBft({ ...options, nodes: committeeSize });
  return whenReady(network, options.signal);
}

async function whenReady(network: Network, signal: AbortSignal): Promise<Network> {
  const options = { timeoutMs: readyTimeoutMs, signal, emit: () => {}, clock: systemClock };
  try {
    await waitUntilReady(network, sharedProtocol, options);
    return network;
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}
