import { largestSubmittedBytes } from "../../src/protocol/rpc/json-rpc.ts";
import { buildTransactionFormat } from "../../src/protocol/transactions/transaction.ts";

/** The transactions that a stand-in takes are the embedded validator's clients'. */
export const format = buildTransactionFormat(largestSubmittedBytes);
