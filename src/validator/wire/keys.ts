import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/** DER around a raw ed25519 seed (PKCS #8) and a raw public key (SPKI): RFC 8410. */
const privateKeyPrefix = Buffer.from("302e020100300506032b657004220420", "hex");
const publicKeyPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** An ed25519 seed is any 32 random bytes. */
export const keySeedBytes = 32;

/** The signing key of a raw ed25519 seed of 32 bytes. */
export function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privateKeyPrefix, seed]), format: "der", type: "pkcs8" });
}

/** The verifying key of a raw ed25519 public key of 32 bytes. */
export function publicKeyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([publicKeyPrefix, publicKey]), format: "der", type: "spki" });
}

/** The raw ed25519 public key, 32 bytes, of a raw seed. */
export function publicKeyOf(seed: Uint8Array): Buffer {
  const spki = createPublicKey(privateKeyOf(seed)).export({ format: "der", type: "spki" });
  return spki.subarray(publicKeyPrefix.length);
}

/** A validator's address, 20 bytes: the beginning of SHA-256 over its raw public key (as CometBFT has it). */
export function validatorAddress(publicKey: Uint8Array): Buffer {
  return createHash("sha256").update(publicKey).digest().subarray(0, 20);
}

/** A node's id: its address in lower-case hex. */
export function nodeIdOf(publicKey: Uint8Array): string {
  return validatorAddress(publicKey).toString("hex");
}
