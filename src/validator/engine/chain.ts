import type { GenesisFile } from "../wire/node-files.ts";
import type { ChainBlock } from "./consensus/ledger.ts";
import type { Mempool, Refusal } from "./mempool.ts";

/** What the RPC may know of a validator: the seam between consensus and everything that serves it to others. */

export interface ChainPeer {
  readonly authority: number;
  readonly remoteAddress: string;
  readonly outbound: boolean;
}

/** What became of a submitted transaction. */
export type Submitted =
  | { readonly accepted: true; readonly hash: Uint8Array }
  | ({ readonly accepted: false; readonly hash: Uint8Array } & Refusal);

/** A counter or gauge with its labels, for /metrics. */
export interface ChainMetric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly {
    readonly suffix?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

export interface ChainValidator {
  readonly authority: number;
  /** First 20 bytes of SHA-256 of the public key. */
  readonly address: Uint8Array;
  /** ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly power: number;
}

export interface Chain extends Pick<GenesisFile, "chainId" | "genesisTime"> {
  readonly authority: number;
  readonly moniker: string;
  readonly validators: readonly ChainValidator[];
  /** Latest committed height, 0 before the first. */
  readonly height: () => number;
  /** undefined below the retained heights and above the latest. */
  readonly block: (height: number) => ChainBlock | undefined;
  readonly earliestHeight: () => number;
  readonly transaction: (hash: Uint8Array) => { readonly height: number; readonly index: number } | undefined;
  readonly submit: (transaction: Uint8Array) => Submitted;
  /**
   * Calls back once every transaction accepted so far is in the log, so that it outlives this process: at once where
   * none waits, else at the end of this turn of the event loop.
   */
  readonly whenLogged: (then: () => void) => void;
  readonly mempool: Pick<Mempool, "count" | "bytes" | "peek">;
  readonly peers: () => readonly ChainPeer[];
  readonly catchingUp: () => boolean;
  /** Called once per block, in order, after the commit; returns the way to stop. */
  readonly onBlock: (listener: (block: ChainBlock) => void) => () => void;
  readonly metrics: () => readonly ChainMetric[];
}
