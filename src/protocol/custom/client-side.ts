import type { Protocol } from "../../contracts/protocol.ts";
import type { CustomDescription } from "./description.ts";
import { buildFormat } from "./format.ts";
import { buildObserve } from "./observe.ts";
import { buildSubmission } from "./submission.ts";

/** What the processes that run clients need of a described system; it takes no library that checks descriptions. */
export function buildClientSide(
  description: Pick<CustomDescription, "transaction" | "commits">,
): Pick<Protocol, "transactions" | "submission" | "observeCommits"> {
  const observeCommits = buildObserve(description);
  return {
    transactions: buildFormat(description),
    submission: buildSubmission(description),
    ...(observeCommits === undefined ? {} : { observeCommits }),
  };
}
