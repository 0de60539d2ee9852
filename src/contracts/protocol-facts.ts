import type { TransportKind } from "./load/transport.ts";
import type { ProtocolOption } from "./protocol.ts";

/** What is known of a system under test before anything of it runs. */
export interface ProtocolFacts {
  readonly name: string;
  readonly title: string;
  /** Where a user described it, the file. */
  readonly file?: string | undefined;
  /** What its nodes run; empty where its nodes cannot be planned with the defaults. */
  readonly programs: readonly ProgramFacts[];
  readonly transports: readonly TransportKind[];
  /** none: throughput, success and latency are of replies. */
  readonly commits: "streamed" | "polled" | "none";
  /** Whether nodes are asked for their blocks; chained: one fingerprint names all blocks before it too. */
  readonly blockHistory: "chained" | "single" | "none";
  readonly metrics: boolean;
  readonly smallestTransactionBytes: number;
  readonly largestTransactionBytes: number;
  /** Nodes of a committee of four that may fail. */
  readonly toleratedOfFour: number;
  readonly options: readonly ProtocolOption[];
}

/** A part of this package, or one that was made elsewhere: as a file, by that name, as an image, or both. */
export interface ProgramFacts {
  readonly name: string;
  readonly builtIn: boolean;
  readonly binary?: string | undefined;
  readonly image?: string | undefined;
}
