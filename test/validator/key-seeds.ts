import { createHash } from "node:crypto";

/** The key seed of one validator of a test's network: the same each time, so that a test can be repeated. */
export function validatorSeed(network: string, authority: number): Buffer {
  return createHash("sha256").update(`${authority}\0${network}`).digest();
}
