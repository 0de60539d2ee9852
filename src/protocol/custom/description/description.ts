/**
 * A system under test as its user describes it in a YAML file: checked, with every default filled in. Texts named
 * `…Template` hold variables in `${…}`; which ones may stand where, says `variables.ts`.
 */
import type { NativeCounters } from "../../../contracts/load/node-load.ts";
import type { AllowedValue } from "../../../contracts/protocol.ts";
import type { ExportEntry, GroupEntry } from "../schema/nodes.ts";
import type { CommitsEntry } from "../schema/requests.ts";
import type { CustomFile } from "../schema/schema.ts";

export interface CustomDescription {
  /** Lower case letters, digits and dashes; stands in results as the protocol. */
  readonly name: string;
  readonly title: string;
  /** Nodes that may fail: of n none, the smaller half (n - 1) / 2, or less than a third (n - 1) / 3. */
  readonly tolerates: NonNullable<CustomFile["tolerates"]>;
  readonly options: readonly OptionDescription[];
  /** Names of texts that are random in each network and the same on all its nodes: `${secret.NAME}`. */
  readonly secrets: readonly string[];
  /** The committee is the one group without a `count`. Transactions go to it alone. */
  readonly groups: readonly GroupDescription[];
  readonly health: HealthDescription;
  /** Absent where the nodes make the load themselves. */
  readonly transaction?: TransactionDescription | undefined;
  readonly load?: NodeLoadDescription | undefined;
  /** Absent: a transaction's reply is the last that is seen of it. */
  readonly commits?: PolledCommits | PushedCommits | undefined;
  readonly metrics?: (NonNullable<CustomFile["metrics"]> & { readonly path: string }) | undefined;
}

/** What users set by --protocol-option. */
export interface OptionDescription {
  /** As the file has it and variables name it, `${options.heartbeat-ms}`; the protocol's option is "heartbeatMs". */
  readonly name: string;
  readonly meaning: string;
  readonly allowed: AllowedValue;
  readonly default: number | string;
  /** For nodes on several hosts, where it is another one. */
  readonly remoteDefault?: number | string | undefined;
}

export interface GroupDescription {
  readonly role: string;
  /** Absent: the size of the committee. */
  readonly count?: number | undefined;
  readonly program: ProgramDescription;
  /** A number: the program listens there whatever it is told. */
  readonly ports: GroupEntry["ports"];
  readonly commandTemplates: readonly string[];
  readonly environmentTemplates: Readonly<Record<string, string>>;
  readonly files: readonly FileDescription[];
  /** Texts about several nodes, joined: `${lists.NAME}`. */
  readonly lists: Readonly<Record<string, ListDescription>>;
  /** Roles whose groups start before this one: those that the file names, and those whose exports it uses. */
  readonly startAfter: readonly string[];
  readonly exports: Readonly<Record<string, ExportEntry>>;
}

export type ProgramDescription = GroupEntry["program"] & { readonly remedy: string };

export interface FileDescription {
  /** Relative to the node's home. */
  readonly path: string;
  readonly contentTemplate: string;
  /** Permission bits. */
  readonly mode: number;
}

export interface ListDescription {
  /** Roles of the nodes that it is about, at least one. */
  readonly of: readonly string[];
  /** The node that is configured is left out. */
  readonly exceptSelf: boolean;
  readonly itemTemplate: string;
  readonly separator: string;
}

/** What a reply must be to mean yes. */
export interface ReplyRule {
  /** At least one. */
  readonly statuses: readonly number[];
  /** JSON Pointers and the texts, numbers or truth values that must stand there; null: anything that is there. */
  readonly json: Readonly<Record<string, string | number | boolean | null>>;
  /** JSON Pointer to the reason of a refusal. */
  readonly reason?: string | undefined;
}

/** A request to a node's RPC. */
export interface RequestDescription {
  readonly method: "GET" | "POST" | "PUT";
  readonly pathTemplate: string;
  /** Names in lower case; "content-type" is among them where there is a body. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty: no body. */
  readonly bodyTemplate: string;
}

export interface HealthDescription {
  readonly request: RequestDescription;
  readonly healthy: ReplyRule;
  /** JSON Pointers into the reply; absent: it does not tell. A number, or a text of digits. */
  readonly height?: string | undefined;
  /** As `height`, or a list with an item for each peer. */
  readonly peers?: string | undefined;
  /** True there, where it knows that others are further. */
  readonly catchingUp?: string | undefined;
}

/** What whoever sends transactions must know of a system. */
export interface LoadDescription extends Pick<CustomDescription, "commits"> {
  readonly transaction: TransactionDescription;
}

export interface TransactionDescription {
  /** POST or PUT. */
  readonly request: RequestDescription;
  readonly accepted: ReplyRule;
  readonly largestBytes: number;
}

/** Where transactions stand in what tells of commits. Where nothing stands at `items`, nothing was committed. */
interface CommittedItems extends Pick<CommitsEntry, "items" | "transaction"> {
  readonly encoding: NonNullable<CommitsEntry["encoding"]>;
  /** JSON Pointer to a rising number: within an item, or where `perItem` is false in the whole reply. */
  readonly position: string;
  readonly perItem: boolean;
}

/** Where a node tells the position that it is at now. */
export interface PositionDescription {
  readonly request: RequestDescription;
  /** JSON Pointer to a number, or a text of digits. */
  readonly position: string;
}

/** A node is asked for what is new; `${cursor}` is the position after the last one seen. */
export interface PolledCommits extends CommittedItems {
  readonly by: "polling";
  readonly everyMs: number;
  readonly request: RequestDescription;
  /** Reading begins after this position. */
  readonly start: PositionDescription;
}

/** A node sends what is new over a WebSocket. */
export interface PushedCommits extends CommittedItems {
  readonly by: "websocket";
  readonly path: string;
  /** Sent once it stands. Where it holds `${cursor}`, the node goes on after the last position seen: nothing is missed. */
  readonly subscribeTemplate: string;
  /** Only messages in which all of this is so tell of commits. */
  readonly when: ReplyRule["json"];
  /** Reading begins after this position; there exactly where `subscribeTemplate` holds `${cursor}`. */
  readonly start?: PositionDescription | undefined;
}

/** The nodes make the load; `keep` are metrics that are kept besides those that tell of it. */
export interface NodeLoadDescription {
  readonly counters: NativeCounters;
  readonly keep: readonly string[];
}
