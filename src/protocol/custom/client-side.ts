import type { Protocol } from "../../contracts/protocol.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import type { ObserverTiming, WatchRequest } from "../commits/chain-place.ts";
import { startObserver, usualTiming } from "../commits/observer.ts";
import { Poller } from "./commits/polled.ts";
import { Receiver } from "./commits/pushed.ts";
import type { CustomFile } from "./schema/schema.ts";
import { buildFormat } from "./submission/format.ts";
import { buildSubmission } from "./submission/submission.ts";

/**
 * What the processes that run clients need of a described system; it takes no library that checks descriptions.
 *
 * @throws InvalidArgumentError for a system whose nodes make the load themselves: it has no clients
 */
export function buildClientSide({ transaction, commits }: Pick<CustomFile, "transaction" | "commits">) {
  if (transaction === undefined) {
    throw new InvalidArgumentError("The nodes of this system generate the load: it has no clients.");
  }
  const observeCommits = buildObserve(commits);
  return {
    transactions: buildFormat(transaction),
    submission: buildSubmission(transaction),
    ...(observeCommits === undefined ? {} : { observeCommits }),
  };
}

/**
 * How a described system's commits are seen; undefined where they cannot be. A position is a block's height: whatever
 * has none of its own is no block.
 */
export function buildObserve(
  commits: CustomFile["commits"],
  timing: ObserverTiming = usualTiming,
): Protocol["observeCommits"] | undefined {
  if (commits === undefined) return undefined;
  const follow = (request: WatchRequest) =>
    commits.by === "polling" ? new Poller(commits, request) : new Receiver(commits, request);
  return (rpc, listener, options) => startObserver({ ...options, rpc, listener, timing }, follow);
}
