/**
 * Transactions that both systems take. CometBFT's kvstore wants text with exactly one "=", at neither end, and no ":";
 * the embedded validator takes any bytes.
 */
import type { IdentitySlot, TransactionFormat } from "../../src/contracts/protocol.ts";
import { InvalidArgumentError } from "../../src/core/errors.ts";
import { seededRandom } from "../../src/core/random.ts";

const headerPattern = /^baleen([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{12})=$/;
/** "baleen", run, client and sequence in hex, "=". */
const headerCharacters = 31;
const largestBytes = 700_000;
const fillerAlphabet = "abcdefghijklmnopqrstuvwxyz012345";

/** The header as text, `=`, and seeded filler: the key of the stored pair names the transaction. */
export const kvstoreTransactions: TransactionFormat = {
  smallestBytes: headerCharacters + 1,
  largestBytes,
  encode: ({ run, client, sequence }, sizeBytes, seed) => {
    const header = `baleen${hex(run, 8)}${hex(client, 4)}${hex(sequence, 12)}=`;
    return Buffer.from(header + filler(sizeBytes - headerCharacters, seed), "latin1");
  },
  identify: (transaction) => {
    const identity = { run: 0, client: 0, sequence: 0 };
    return identifyHead(transaction, 0, identity) ? identity : undefined;
  },
  headBytes: headerCharacters,
  identifyHead,
};

function identifyHead(heads: Uint8Array, offset: number, into: IdentitySlot): boolean {
  const header = Buffer.from(heads.subarray(offset, offset + headerCharacters)).toString("latin1");
  const [, run, client, sequence] = headerPattern.exec(header) ?? [];
  if (run === undefined || client === undefined || sequence === undefined) return false;
  into.run = Number.parseInt(run, 16);
  into.client = Number.parseInt(client, 16);
  into.sequence = Number.parseInt(sequence, 16);
  return true;
}

/** The same for one length and seed: one is kept, since a load has one of each. */
let kept = { characters: 0, seed: 0, text: "" };

function filler(characters: number, seed: number): string {
  if (!(characters >= 1 && characters <= largestBytes)) {
    throw new InvalidArgumentError(
      `A transaction of ${characters + headerCharacters} bytes cannot be made; choose ` +
        `${headerCharacters + 1} to ${largestBytes} bytes.`,
    );
  }
  if (kept.characters === characters && kept.seed === seed) return kept.text;
  const random = seededRandom(`kvstore filler ${seed}`);
  const letters = Array.from({ length: characters }, () => fillerAlphabet[random.nextUint32() & 31]);
  kept = { characters, seed, text: letters.join("") };
  return kept.text;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
