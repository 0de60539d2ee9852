import type { HomeFiles } from "../validator/homes.ts";
import { scrape, sumOf } from "../validator/prometheus.ts";

/** CometBFT's limit of one batch. */
export const mostCalls = 10;

/** One call of a batch. */
export interface Call {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** What came of a call: its result, or the node's reason for having none. */
export type Answer =
  | { readonly result: unknown; readonly error?: undefined }
  | { readonly error: { readonly message: string; readonly data?: string } };

/**
 * Asks a node for several things in one request, at most `mostCalls`.
 *
 * @returns in the order of the calls
 * @throws where the node does not answer in time
 */
export async function askAll(
  home: HomeFiles,
  calls: readonly Call[],
  timeoutMs = 15_000,
): Promise<readonly Answer[]> {
  const body = calls.map(({ method, params = {} }, id) => ({ jsonrpc: "2.0", id, method, params }));
  const reply = await fetch(`http://127.0.0.1:${home.config.rpc.port}/`, {
    method: "POST",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const answers = (await reply.json()) as Answer | Answer[];
  // As CometBFT does, a node answers a batch of one without brackets.
  return Array.isArray(answers) ? answers : [answers];
}

/** The result of one call. */
export async function ask<T>(home: HomeFiles, method: string, params = {}): Promise<T> {
  const [answer] = await askAll(home, [{ method, params }]);
  if (answer?.error !== undefined) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
  return answer?.result as T;
}

/** The parts of a `status` reply that tests look at. */
export interface StatusReply {
  readonly sync_info: {
    readonly latest_block_height: string;
    readonly earliest_block_height: string;
    readonly catching_up: boolean;
  };
}

/** The parts of a `block` reply that tell one chain from another. */
export interface BlockReply {
  readonly block_id: { readonly hash: string; readonly parts: { readonly hash: string } };
  readonly block: {
    readonly header: {
      readonly height: string;
      readonly time: string;
      readonly proposer_address: string;
      readonly app_hash: string;
      readonly last_block_id: { readonly hash: string };
    };
    readonly data: { readonly txs: readonly string[] };
  };
}

export async function heightOf(home: HomeFiles): Promise<number> {
  return Number((await ask<StatusReply>(home, "status")).sync_info.latest_block_height);
}

/** How often a node saw slots of one leader decided this way ("commit" or "skip"). */
export async function leaderSlots(home: HomeFiles, authority: number, outcome: string): Promise<number> {
  return sumOf(
    await scrape(home.config.metrics),
    "committed_leaders_total",
    (labels) =>
      labels.authority === String(authority) && labels.commit_type?.endsWith(`-${outcome}`) === true,
  );
}

/** Blocks beside another of their author and round, as far as the node saw them. */
export async function equivocationsOf(home: HomeFiles): Promise<number> {
  return sumOf(await scrape(home.config.metrics), "equivocations_total");
}

export async function peersOf(home: HomeFiles): Promise<number> {
  return Number((await ask<{ n_peers: string }>(home, "net_info")).n_peers);
}
