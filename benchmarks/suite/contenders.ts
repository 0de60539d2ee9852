/** The systems that are compared, each as a way to start its committee. */
import type { DeploymentPlan, Network } from "../../src/contracts/deployment.ts";
import type { Protocol } from "../../src/contracts/protocol.ts";
import { systemClock } from "../../src/core/clock.ts";
import { waitUntilReady } from "../../src/deploy/nodes/readiness.ts";
import { createProcessDeployer } from "../../src/deploy/process/deployer.ts";
import type { ClientProtocol } from "../../src/load/client/client.ts";
import { cometbft } from "../../src/protocol/cometbft/cometbft.ts";
import { mysticeti } from "../../src/protocol/mysticeti.ts";

/** Both are CometBFT to who asks: the same RPC, the same transactions, the same observer. */
export const sharedProtocol: ClientProtocol & Pick<Protocol, "probe"> = cometbft;

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

type Options = Readonly<Record<string, number | string>>;

/** What the log has costs time too. */
const quiet: Options = { logLevel: "error" };
const quick: Options = { ...quiet, tuning: "load" };
const larger: Options = { ...quick, flushThrottleMs: 100, peerGossipSleepMs: 100, gogcPercent: 100 };

/** All of them, the two systems in turn. */
export function listContenders(program: string): readonly Contender[] {
  const comet = (options: Options) => (start: StartOptions) =>
    startCommittee(cometbft.plan({ nodes: committeeSize, options, program: { path: program } }), start);
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
      start: comet(quiet),
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
      start: comet(quick),
    },
    {
      name: "CometBFT, quick, kv",
      settings: "as quick, with indexer kv",
      mostUncommitted: [2_000],
      start: comet({ ...quick, indexer: "kv" }),
    },
  ];
}

/** @param options.minRoundDelayMs default: the protocol's own */
export function startEmbedded(options: StartOptions & { minRoundDelayMs?: number }): Promise<Network> {
  const { minRoundDelayMs } = options;
  const pace = minRoundDelayMs === undefined ? {} : { minRoundDelayMs };
  return startCommittee(mysticeti.plan({ nodes: committeeSize, options: pace }), options);
}

async function startCommittee(plan: DeploymentPlan, options: StartOptions): Promise<Network> {
  const { run, signal } = options;
  const deployer = createProcessDeployer({ nodeBinary: process.execPath, ...options });
  const network = await deployer.deploy(plan, { run, cleanup: "remove", emit: () => {}, signal });
  const ready = { timeoutMs: readyTimeoutMs, signal, emit: () => {}, clock: systemClock };
  try {
    await waitUntilReady(network, sharedProtocol, ready);
    return network;
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}
