import type { Protocol } from "../../../contracts/protocol.ts";
import type { ObserverTiming } from "../../commits/follower.ts";
import { usualTiming } from "../../commits/observer.ts";
import type { CustomFile } from "../schema/schema.ts";
import { observePolled } from "./polled.ts";
import { observePushed } from "./pushed.ts";

/**
 * How a described system's commits are seen; undefined where they cannot be. A position is a block's height: whatever
 * has none of its own is no block.
 */
export function buildObserve(
  commits: CustomFile["commits"],
  timing: ObserverTiming = usualTiming,
): Protocol["observeCommits"] | undefined {
  if (commits === undefined) return undefined;
  if (commits.by === "polling") {
    return (rpc, listener, options) => observePolled(commits, { ...options, rpc, listener, timing });
  }
  return (rpc, listener, options) => observePushed(commits, { ...options, rpc, listener, timing });
}
