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

export interface Address {
  /** Name or address. */
  readonly host: string;
  readonly port: number;
}

export interface PeerAddress extends Address {
  readonly authority: number;
}

export interface ValidatorConfigFile extends ValidatorTuning {
  readonly moniker: string;
  readonly rpc: Address;
  readonly peer: Address;
  readonly metrics: Address;
  /** Every other validator, by authority. */
  readonly peers: readonly PeerAddress[];
}

/**
 * When the log is forced to the disk: never (it survives the process, not the machine), from time to time, or before an
 * own block is sent.
 */
export type LogSync = "none" | "interval" | "block";

/** Lines below it are not written. */
export type OutputLevel = "debug" | "info" | "warn" | "error";

/** What a validator can be told beyond its addresses. The file may leave out any of it, for the default. */
export type ValidatorTuning = {
  readonly [S in keyof typeof defaultValidatorTuning]: Readonly<(typeof defaultValidatorTuning)[S]>;
};

export const defaultValidatorTuning = {
  consensus: {
    minRoundDelayMs: 50,
    leaderTimeoutMs: 250,
    leadersPerRound: 2,
    /** Transactions in one own block, bytes. */
    blockSizeBytes: 1024 * 1024,
    /** Heights between two checkpoints. The same on all validators: a checkpoint counts where enough of them made it. */
    checkpointIntervalHeights: 1000,
  },
  mempool: { mostTransactions: 100_000, mostBytes: 256 * 1024 * 1024 },
  log: {
    sync: "none" as LogSync,
    /** Between two syncs where `sync` is "interval". */
    syncIntervalMs: 1000,
    /** Older blocks leave the log once they are this many heights behind … */
    retainHeights: 10_000,
    /** … or the log is larger than this. Never what is needed to start again. */
    retainBytes: 512 * 1024 * 1024,
  },
  /** Open connections, WebSockets included: a further one is closed at once. As CometBFT has them. */
  rpcLimits: { mostConnections: 900, mostBatchRequests: 10 },
  /** What the process tells of itself on standard output. */
  output: { level: "info" as OutputLevel },
};

export const nodeFileNames = {
  genesis: "genesis.json",
  key: "validator-key.json",
  config: "config.json",
} as const;
