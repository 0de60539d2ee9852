import type { Protocol } from "../../contracts/protocol.ts";
import type { CustomDescription } from "./description.ts";

/** How a described system's commits are seen; undefined where they cannot be. */
export function buildObserve(_description: CustomDescription): Protocol["observeCommits"] | undefined {
  return undefined;
}
