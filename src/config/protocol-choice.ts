/** The system under test, as it is named, and as it is known afterwards. */
import type { NativeCounters } from "../contracts/native.ts";
import type { Protocol, Submission, TransactionFormat } from "../contracts/protocol.ts";
import type { NamedFile } from "./profile-text.ts";
import { fault, type Rule, show } from "./rule.ts";

/** What a description came from. */
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
  /** Its nodes make the load themselves, and count it. */
  readonly native?: true | undefined;
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
  /** Where its definition came from. */
  readonly described?: DescriptionSource | undefined;
  /** Names of its nodes' programs that are not part of this package. */
  readonly foreignPrograms?: readonly string[] | undefined;
}

/** Of a system of which only this is known: nothing that depends on it is refused. */
export function limitsOfUnknown({
  name,
  observesCommits,
  native,
  described,
}: ChosenProtocol): ProtocolLimits {
  return {
    name,
    native,
    described,
    observeCommits: observesCommits ? true : undefined,
    toleratedFaults: (nodes) => Math.floor((nodes - 1) / 3),
    transactions: { smallestBytes: 1, largestBytes: Number.MAX_SAFE_INTEGER },
  };
}

/** What parameters keep of it. */
export function chosenProtocol(limits: ProtocolLimits): ChosenProtocol {
  const { name, definition, observeCommits } = limits;
  const described = limits.described ?? (definition === undefined ? undefined : { definition });
  return {
    name,
    observesCommits: observeCommits !== undefined,
    ...(limits.native === undefined ? {} : { native: true }),
    ...(described === undefined ? {} : { described }),
  };
}

/** How a system is named: one that is built in, the file of a description, or what a bundle kept of it. */
export type ProtocolReference =
  | { readonly kind: "name"; readonly name: string }
  | ({ readonly kind: "file" } & NamedFile)
  | ({ readonly kind: "kept" } & ChosenProtocol);

/** Whether a text is the path of a description, not a name. */
export const isDescriptionPath = (text: string) => /[/\\]|\.ya?ml$/i.test(text);

const expected = "the name of a protocol, or the path of a YAML description";

/** The file is read by whoever gathers options, and stands in place of its path. */
export const protocolRule: Rule<ProtocolReference> = {
  kind: "value",
  expected,
  read: (given) => {
    const { value } = given;
    if (isFile(value)) return { value: { kind: "file", ...value } };
    // That it could not be read was told.
    if (isUnread(value)) return { faults: [] };
    if (isKept(value)) return { value: { kind: "kept", ...value } };
    if (typeof value !== "string" || value.trim() === "" || value.length > 4096) {
      return { faults: [fault(given, `${show(value)} cannot be used`, expected)] };
    }
    if (!isDescriptionPath(value)) return { value: { kind: "name", name: value } };
    return { faults: [fault(given, `the file ${show(value)} was not read`, "a readable YAML file")] };
  },
};

const isFile = (value: unknown): value is NamedFile =>
  typeof value === "object" && value !== null && "path" in value && "text" in value;

const isUnread = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "path" in value && !("text" in value);

const isKept = (value: unknown): value is ChosenProtocol =>
  typeof value === "object" && value !== null && "name" in value && "observesCommits" in value;
