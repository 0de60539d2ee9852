/** A local-first store as the test application sees it: three calls, behind which any store can stand. */

export interface StoredMessage {
  /** Name of the peer that wrote it. */
  readonly from: string;
  /** Unique among the messages of its writer. */
  readonly id: string;
  /** When it was written, by its writer's clock, milliseconds since 1970. */
  readonly atMs: number;
  readonly payload: () => Promise<Uint8Array>;
}

export interface NewMessage {
  readonly id: string;
  readonly atMs: number;
  readonly stats: PeerStats;
  readonly payload: Uint8Array;
}

/** What a peer knows of itself, in each of its messages. */
export interface PeerStats {
  readonly rssBytes: number;
  readonly cpuSecs: number;
  readonly connections: number;
}

/** Counters since the store was opened. */
export interface LinkTraffic {
  readonly peer: string;
  /** That the other end has confirmed. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export interface StoreStatus {
  /** Names of peers with which it replicates now. */
  readonly connections: readonly string[];
  readonly traffic: readonly LinkTraffic[];
  /** What it would take to send all that it holds; absent: the store does not tell. */
  readonly stateBytes?: number | undefined;
}

export interface StoreListener {
  /** A message of another peer can be read here. Called at least once for each. */
  readonly onMessage: (message: StoredMessage) => void;
  readonly onConnection: (change: "connect" | "disconnect", peer: string) => void;
  /** Something is wrong that the store lives with. */
  readonly onTrouble: (what: string) => void;
}

export interface Store extends AsyncDisposable {
  /** Resolves when the message can be read here; others get it later. */
  write(message: NewMessage): Promise<void>;
  /** Begins to replicate and to tell of what comes. Called once. */
  subscribe(listener: StoreListener): Promise<void>;
  status(): StoreStatus;
  /** Connects to another peer, for good: a lost connection is made again. Known ones are passed over. */
  connect(peer: string, address: { readonly host: string; readonly port: number }): void;
  /** Tries that the store takes a value, without a word to others. */
  tryWrite(): Promise<void>;
  /** Tries that it answers. */
  tryRead(): Promise<void>;
}

export interface StoreOptions {
  readonly name: string;
  /** All peers that may write. */
  readonly peers: readonly string[];
  /** Where it accepts connections. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Folder that is its own, and kept over a restart. */
  readonly folder: string;
  readonly heartbeatMs: number;
  /** Of keys that the store needs. */
  readonly secretsFile?: string | undefined;
  /** Whose connections it accepts. */
  readonly accepts: (peer: string) => boolean;
}
