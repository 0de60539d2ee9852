import type { Protocol } from "../../contracts/protocol.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { buildObserve } from "./commits/observe.ts";
import type { CustomFile } from "./schema/schema.ts";
import { buildFormat } from "./submission/format.ts";
import { buildSubmission } from "./submission/submission.ts";

/**
 * What the processes that run clients need of a described system; it takes no library that checks descriptions.
 *
 * @throws InvalidArgumentError for a system whose nodes make the load themselves: it has no clients
 */
export function buildClientSide({
  transaction,
  commits,
}: Pick<CustomFile, "transaction" | "commits">): Pick<
  Protocol,
  "transactions" | "submission" | "observeCommits"
> {
  if (transaction === undefined)
    throw new InvalidArgumentError("The nodes of this system make the load: it has no clients.");
  const observeCommits = buildObserve(commits);
  return {
    transactions: buildFormat(transaction),
    submission: buildSubmission(transaction),
    ...(observeCommits === undefined ? {} : { observeCommits }),
  };
}
