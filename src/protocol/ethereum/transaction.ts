import { createHash } from "node:crypto";
import type { TransactionFormat, TransactionIdentity } from "../../contracts/load/submission.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { onDemand } from "../../core/on-demand.ts";
import { encodeBytes } from "../rpc/json-rpc-bytes.ts";
import { buildTransactionFormat } from "../transactions/transaction.ts";

/** Longest that nodes' pools take. */
const largestBytes = 131_072;
/** With an identity as calldata, and one byte more. */
const smallestBytes = 122;
/** The length of a longer list takes a byte more, so the transaction grows by two. */
const impossibleBytes = [259, 65_540];
/** A length of signature that comes once in 128 times, so many times in a row, does not come. */
const mostAttempts = 32;

const signer = onDemand<typeof import("micro-eth-signer")>("micro-eth-signer");

/** Chain of development nodes; a signature holds for one chain. */
export const chainId = 31_337;
/** "baleen" and zeros: nobody's account, and no contract, so that nothing is executed. */
const recipient = `0x${Buffer.from("baleen").toString("hex").padEnd(40, "0")}`;

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
      `Cannot create an Ethereum transaction of ${sizeBytes} bytes; choose a size from ${smallestBytes} to ${largestBytes} ` +
        `bytes, but not ${impossibleBytes.join(" or ")}, which are impossible.`,
    );
  }
  const { calldataBytes, gasLimit } = shape;
  const calldata = calldataFormat.encode(identity, calldataBytes, seed);
  const { run, client, sequence } = identity;
  const sender = `baleen ${seed} ${run} ${client} ${sequence}`;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    // Numbers lose their leading zeros, those of a signature too: another last byte has another signature.
    calldata[calldataBytes - 1] = attempt;
    const signed = signTransaction(calldata, gasLimit, sender);
    if (signed.length === sizeBytes) return signed;
  }
  throw new InvalidArgumentError(
    `Could not create a transaction of ${sizeBytes} bytes in ${mostAttempts} attempts.`,
  );
}

/**
 * Signs the first transaction of an account (EIP-1559, nonce 0) that moves no money and pays no fee. The same one has
 * the same bytes.
 *
 * @param sender any text stands for an account
 */
function signTransaction(calldata: Uint8Array, gasLimit: number, sender: string): Uint8Array {
  const transaction = signer().Transaction.prepare(
    {
      type: "eip1559",
      chainId: BigInt(chainId),
      nonce: 0n,
      to: recipient,
      value: 0n,
      gasLimit: BigInt(gasLimit),
      maxFeePerGas: 0n,
      maxPriorityFeePerGas: 0n,
      data: `0x${encodeBytes(calldata, "hex")}`,
    },
    // Strict checks would want a fee.
    false,
  );
  return transaction.signBy(keyOf(sender), false).toBytes();
}

/** Whoever knows the text has the key: such an account owns nothing. */
function keyOf(sender: string): Uint8Array {
  return createHash("sha256").update(sender).digest();
}

/** Calldata and gas limit that make a transaction of the wanted length. */
interface TransactionShape {
  readonly calldataBytes: number;
  readonly gasLimit: number;
}

/** Gas of a transaction without calldata, and for each byte of it the most that is asked for (EIP-7623, not zero). */
const plainGas = 21_000;
const gasPerByte = 40;
/**
 * Chain id 3, nonce 1, two fees of 1, recipient 21, value 1, access list 1, parity 1, and twice 33 for a signature whose
 * halves are of full length, as all but one in 128 are.
 */
const constantBytes = 96;
/** Most of all else, beside calldata: type, gas limit and lengths. */
const variableBytes = 16;
/** Lengths that stand in one byte. */
const shortLimit = 56;

/** By the lengths of RLP, all other fields being the same. undefined where none has that length. */
export function shapeOf(sizeBytes: number): TransactionShape | undefined {
  // A longer calldata may make two lengths longer at once; then a longer gas limit makes up for the step.
  const most = sizeBytes - constantBytes;
  for (let calldataBytes = most; calldataBytes >= Math.max(2, most - variableBytes); calldataBytes--) {
    const least = plainGas + gasPerByte * calldataBytes;
    for (const gasLimit of [least, 256 ** bytesOf(least)]) {
      if (lengthOf({ calldataBytes, gasLimit }) === sizeBytes) return { calldataBytes, gasLimit };
    }
  }
  return undefined;
}

function lengthOf({ calldataBytes, gasLimit }: TransactionShape): number {
  const calldata = prefixOf(calldataBytes) + calldataBytes;
  const fields = constantBytes + 1 + bytesOf(gasLimit) + calldata;
  // The type stands before the list.
  return 1 + prefixOf(fields) + fields;
}

/** Bytes before a text or list of that many, two or more. */
function prefixOf(length: number): number {
  return length < shortLimit ? 1 : 1 + bytesOf(length);
}

/** Bytes that a whole number above 0 needs. */
function bytesOf(value: number): number {
  return Math.ceil(Math.log2(value + 1) / 8);
}
