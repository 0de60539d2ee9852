import type { YamlWithLines } from "../core/documents/yaml.ts";
import type { NativeCounters } from "./load/node-load.ts";
import type { Submission, TransactionFormat } from "./load/submission.ts";
import type { Protocol } from "./protocol.ts";

export interface DescriptionSource {
  /** The adapter's `definition`, plain JSON. */
  readonly definition: unknown;
  /** As it was named; absent where it is a library caller's own. */
  readonly file?: string | undefined;
  /** Of the file's text, in hexadecimal digits. */
  readonly sha256?: string | undefined;
}

/** The system under test that was chosen. */
export interface ChosenProtocol {
  readonly name: string;
  /** Its nodes tell what they commit; else throughput and latency are of replies. */
  readonly observesCommits: boolean;
  /** Its nodes make the load themselves, and count it or tell of it. */
  readonly native?: true | undefined;
  /** They write and read messages, and tell of each. */
  readonly messages?: true | undefined;
  /** They run routines in a test, and report to its results server. */
  readonly routines?: true | undefined;
  /** They are hosts of a network under test, and flows go through it. */
  readonly flows?: true | undefined;
  /** Of a system that its user describes. */
  readonly described?: DescriptionSource | undefined;
}

/** What the checks must know of the system under test; a Protocol is one. What is absent is not checked. */
export interface ProtocolLimits extends Pick<Protocol, "name" | "toleratedFaults" | "definition"> {
  readonly options?: Protocol["options"] | undefined;
  readonly transactions: Pick<TransactionFormat, "smallestBytes" | "largestBytes" | "impossibleBytes">;
  readonly submission?: Pick<Submission, "path" | "batch" | "webSocket"> | undefined;
  /** Anything: its nodes tell what they commit. */
  readonly observeCommits?: unknown;
  /** Its nodes make the load themselves; true: by what they count it is not known. */
  readonly native?: NativeCounters | true | undefined;
  /** Its nodes write and read messages; true: how they tell of it is not known. */
  readonly messages?: NonNullable<Protocol["messages"]> | true | undefined;
  /** Its nodes run routines in a test. */
  readonly routines?: NonNullable<Protocol["routines"]> | true | undefined;
  /** Its nodes are hosts of a network under test. */
  readonly flows?: NonNullable<Protocol["flows"]> | true | undefined;
  readonly described?: DescriptionSource | undefined;
  /** Names of its nodes' programs that are not part of this package. */
  readonly foreignPrograms?: readonly string[] | undefined;
}

/** A file that somebody named, with what stands in it. */
export interface NamedFile {
  readonly path: string;
  readonly text: string;
  /** Where it is a part of a larger YAML file: that part, which counts in place of the text. */
  readonly part?: YamlWithLines | undefined;
}

/** How a system is named: one that is built in, the file of a description, or what a bundle kept of it. */
export type ProtocolReference =
  | { readonly kind: "name"; readonly name: string }
  | ({ readonly kind: "file" } & NamedFile)
  | ({ readonly kind: "kept" } & ChosenProtocol);
