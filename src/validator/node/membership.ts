import type { ChainValidator } from "../engine/chain.ts";
import { chainDomain } from "../engine/consensus/block.ts";
import { sha256 } from "../engine/consensus/bytes.ts";
import { buildCommittee } from "../engine/consensus/committee.ts";
import { consensusParameters } from "../engine/consensus/parameters.ts";
import { type BlockRules, buildBlockRules } from "../engine/consensus/validity.ts";
import type { Identity } from "../net/handshake.ts";
import { privateKeyOf, publicKeyObject, validatorAddress } from "../wire/keys.ts";
import type { Home } from "./home.ts";

/** Who this validator is and whom it works with, made from its home. */
export interface Membership extends Identity {
  readonly rules: BlockRules;
  /** By authority. */
  readonly validators: readonly ChainValidator[];
}

export function buildMembership({ genesis, key, config }: Home): Membership {
  const { chainId, genesisTime } = genesis;
  const validators = genesis.validators.map(({ authority, publicKey }) => {
    const raw = Buffer.from(publicKey, "base64");
    return { authority, address: validatorAddress(raw), publicKey: raw, power: 1 };
  });
  const committee = buildCommittee(validators.length, config.consensus.leadersPerRound);
  const rules = buildBlockRules(committee, chainDomain(chainId), { genesisTimeMs: Date.parse(genesisTime) });
  const keys = validators.map(({ publicKey }) => Buffer.from(publicKey).toString("base64"));
  return {
    authority: key.authority,
    network: sha256(Buffer.from(JSON.stringify({ chainId, genesisTime, keys }))),
    parameters: consensusParameters(rules, config.consensus.checkpointIntervalHeights),
    rules,
    privateKey: privateKeyOf(Buffer.from(key.seed, "base64")),
    publicKeys: validators.map(({ publicKey }) => publicKeyObject(publicKey)),
    validators,
  };
}
