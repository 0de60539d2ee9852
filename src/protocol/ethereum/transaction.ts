import type { TransactionFormat, TransactionIdentity } from "../../contracts/load/submission.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { buildTransactionFormat } from "../transactions/transaction.ts";
import { shapeOf } from "./shape.ts";
import { signTransaction } from "./signer.ts";

/** Longest that nodes' pools take. */
const largestBytes = 131_072;
/** With an identity as calldata, and one byte more. */
const smallestBytes = 122;
/** The length of a longer list takes a byte more, so the transaction grows by two. */
const impossibleBytes = [259, 65_540];
/** A length of signature that comes once in 128 times, so many times in a row, does not come. */
const mostAttempts = 32;

const calldataFormat = buildTransactionFormat(largestBytes);

/**
 * Signed transactions of exactly N bytes, known by their calldata: `identify` and heads are of a block's `input`.
 *
 * Each is the first one of an account of its own, so none waits for another: one that is lost holds up nobody. Accounts
 * need no money where the chain asks for no fee.
 */
export const ethereumTransactions: TransactionFormat = {
  smallestBytes,
  largestBytes,
  impossibleBytes,
  madeAhead: true,
  encode,
  identify: calldataFormat.identify,
  headBytes: calldataFormat.headBytes,
  identifyHead: calldataFormat.identifyHead,
};

function encode(identity: TransactionIdentity, sizeBytes: number, seed: number): Uint8Array {
  const isSize = Number.isInteger(sizeBytes) && sizeBytes >= smallestBytes && sizeBytes <= largestBytes;
  const shape = isSize ? shapeOf(sizeBytes) : undefined;
  if (shape === undefined) {
    throw new InvalidArgumentError(
      `An Ethereum transaction of ${sizeBytes} bytes cannot be made; choose a size from ${smallestBytes} to ${largestBytes} ` +
        `bytes, but not ${impossibleBytes.join(" or ")}, which no transaction has.`,
    );
  }
  const { calldataBytes, gasLimit } = shape;
  const calldata = calldataFormat.encode(identity, calldataBytes, seed);
  const { run, client, sequence } = identity;
  const sender = `baleen ${seed} ${run} ${client} ${sequence}`;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    // Numbers lose their leading zeros, those of a signature too: another last byte has another signature.
    calldata[calldataBytes - 1] = attempt;
    const signed = signTransaction({ calldata, gasLimit, sender });
    if (signed.length === sizeBytes) return signed;
  }
  throw new InvalidArgumentError(
    `No transaction of ${sizeBytes} bytes came about in ${mostAttempts} attempts.`,
  );
}
