import { randomBytes } from "node:crypto";
import { keySeedBytes, nodeIdOf, publicKeyOf, validatorAddress } from "../../validator/wire/keys.ts";

/** An ed25519 key as CometBFT's files have it. */
export interface CometBftKey {
  /** A node's name among its peers, where it is a node's. */
  readonly id: string;
  /** A validator's, where it is a validator's. */
  readonly address: string;
  readonly public: { readonly type: string; readonly value: string };
  readonly private: { readonly type: string; readonly value: string };
}

/** Each node has two: one signs its votes, the other names it among its peers. */
export interface NodeKeys {
  readonly validator: CometBftKey;
  readonly node: CometBftKey;
}

export function makeNodeKeys(): NodeKeys {
  return { validator: makeKey(), node: makeKey() };
}

function makeKey(): CometBftKey {
  const keySeed = randomBytes(keySeedBytes);
  const publicKey = publicKeyOf(keySeed);
  const base64 = (bytes: Buffer) => bytes.toString("base64");
  return {
    id: nodeIdOf(publicKey),
    address: validatorAddress(publicKey).toString("hex").toUpperCase(),
    public: { type: "tendermint/PubKeyEd25519", value: base64(publicKey) },
    private: { type: "tendermint/PrivKeyEd25519", value: base64(Buffer.concat([keySeed, publicKey])) },
  };
}
