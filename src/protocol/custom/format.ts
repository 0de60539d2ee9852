import type { TransactionFormat } from "../../contracts/protocol.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import type { CustomDescription } from "./description.ts";

/** Transactions that are text: a key that names them, then filler. */
export function buildFormat(description: CustomDescription): TransactionFormat {
  const unfit = () => {
    throw new InvalidArgumentError(`${description.name} has no transactions yet.`);
  };
  return {
    smallestBytes: 1,
    largestBytes: description.transaction.largestBytes,
    headBytes: 1,
    encode: unfit,
    identify: unfit,
    identifyHead: unfit,
  };
}
