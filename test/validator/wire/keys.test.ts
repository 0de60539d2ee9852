import { createHash, randomBytes, sign, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  keySeedBytes,
  nodeIdOf,
  privateKeyOf,
  publicKeyObject,
  publicKeyOf,
  validatorAddress,
} from "../../../src/validator/wire/keys.ts";

describe("validator keys", () => {
  test("are ed25519: the first test vector of RFC 8032", () => {
    const seed = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");
    const publicKey = publicKeyOf(seed);
    expect(publicKey.toString("hex")).toBe(
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    );
    const signature = sign(null, Buffer.alloc(0), privateKeyOf(seed));
    expect(signature.toString("hex")).toMatch(
      /^e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155/,
    );
    expect(verify(null, Buffer.alloc(0), publicKeyObject(publicKey), signature)).toBe(true);
  });

  test("address and node id are the beginning of the public key's hash", () => {
    const publicKey = publicKeyOf(randomBytes(keySeedBytes));
    const hash = createHash("sha256").update(publicKey).digest("hex");
    expect(nodeIdOf(publicKey)).toBe(hash.slice(0, 40));
    expect(validatorAddress(publicKey).toString("hex")).toBe(hash.slice(0, 40));
  });
});
