/** How many bytes a signed transaction has: RLP lengths, all fields but calldata and gas limit being the same. */

/** Calldata and gas limit that make a transaction of the wanted length. */
export interface TransactionShape {
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

/**
 * undefined where none has that length: besides too small ones there are two, 259 and 65,540 bytes, that a transaction
 * of this type passes over, since there its list's length takes a byte more.
 */
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
