import { largestSubmittedBytes } from "../../src/protocol/json-rpc.ts";
import { buildTransactionFormat } from "../../src/protocol/transaction.ts";

/** The transactions that a stand-in takes are the embedded validator's clients'. */
export const format = buildTransactionFormat(largestSubmittedBytes);
