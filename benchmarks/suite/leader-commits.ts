import type { Endpoint } from "../../src/contracts/nodes/node.ts";
import { formatAuthority } from "../../src/core/address.ts";
import { sendHttp } from "../../src/core/http.ts";

/** How many of its own leader blocks a validator saw committed, and how long that took from their proposal, in all. */
export interface LeaderCommits {
  readonly count: number;
  readonly seconds: number;
}

const metric = "mysticeti_leader_commit_seconds";

/** Reads a validator's metrics; undefined where it has no such metric. */
export async function readLeaderCommits(
  metrics: Endpoint,
  signal: AbortSignal,
): Promise<LeaderCommits | undefined> {
  const options = { method: "GET", path: "/metrics", timeoutMs: 5_000, signal } as const;
  const { body } = await sendHttp(`http://${formatAuthority(metrics)}`, options);
  const read = (suffix: string) => {
    const value = new RegExp(`^${metric}_${suffix}(?:\\{\\})? (\\S+)$`, "m").exec(body)?.[1];
    return value === undefined ? undefined : Number(value);
  };
  const [count, seconds] = [read("count"), read("sum")];
  return count === undefined || seconds === undefined ? undefined : { count, seconds };
}
