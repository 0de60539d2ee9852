/** The files that both sides know: genesis (same on all nodes) and each validator's own configuration. Plain JSON. */

export interface GenesisFile {
  readonly chainId: string;
  /** RFC 3339 UTC. */
  readonly genesisTime: string;
  readonly validators: readonly {
    readonly authority: number;
    /** ed25519, base64 of 32 bytes. */
    readonly publicKey: string;
  }[];
}

export interface ValidatorKeyFile {
  readonly authority: number;
  /** ed25519 seed, base64 of 32 bytes. */
  readonly seed: string;
}

export interface ValidatorConfigFile {
  readonly moniker: string;
  readonly rpc: { readonly host: string; readonly port: number };
  readonly peer: { readonly host: string; readonly port: number };
  readonly metrics: { readonly host: string; readonly port: number };
  /** Every other validator, by authority. */
  readonly peers: readonly { readonly authority: number; readonly host: string; readonly port: number }[];
  readonly consensus: {
    readonly minRoundDelayMs: number;
    readonly leaderTimeoutMs: number;
    readonly leadersPerRound: number;
  };
}

/** Names of the files in a validator's home. */
export const nodeFileNames = {
  genesis: "genesis.json",
  key: "validator-key.json",
  config: "config.json",
} as const;
