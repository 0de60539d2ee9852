/**
 * A system under test as its user describes it in a YAML file, checked: plain JSON, so that clients elsewhere and
 * bundles have it too. Texts named `…Template` hold variables in `${…}`; which ones, says the room's `template.ts`.
 */
import type { AllowedValue } from "../../contracts/protocol.ts";

/** Plane of a node: what is sent to is "rpc". */
export type PlaneName = "rpc" | "peer" | "metrics";

export interface CustomDescription {
  /** Lower case letters, digits and dashes; stands in results as the protocol. */
  readonly name: string;
  readonly title: string;
  /** Nodes that may fail: of n none, the smaller half (n - 1) / 2, or less than a third (n - 1) / 3. */
  readonly tolerates: "none" | "minority" | "third";
  readonly options: readonly OptionDescription[];
  /** In the order of their starts; the committee is the one group without a `count`. */
  readonly groups: readonly GroupDescription[];
  readonly health: HealthDescription;
  readonly transaction: TransactionDescription;
  /** Absent: a transaction's reply is the last that is seen of it. */
  readonly commits?: PolledCommits | PushedCommits | undefined;
  readonly metrics?:
    | { readonly port: PlaneName; readonly path: string; readonly keep: readonly string[] }
    | undefined;
}

/** A variable `${options.NAME}` that users set by --protocol-option. */
export interface OptionDescription {
  readonly name: string;
  readonly meaning: string;
  readonly allowed: AllowedValue;
  readonly default: number | string;
}

export interface GroupDescription {
  readonly role: string;
  /** Absent: the size of the committee. */
  readonly count?: number | undefined;
  readonly program: {
    /** Path, or the name of a program that is looked for on PATH; relative ones count from the description's folder. */
    readonly binary?: string | undefined;
    readonly image?: string | undefined;
    readonly entrypoint?: readonly string[] | undefined;
    readonly remedy: string;
  };
  /** A number: the program listens there whatever it is told. */
  readonly ports: Readonly<Partial<Record<PlaneName, number | "any">>>;
  readonly commandTemplates: readonly string[];
  readonly environmentTemplates: Readonly<Record<string, string>>;
  readonly files: readonly {
    readonly path: string;
    readonly contentTemplate: string;
    readonly mode: number;
  }[];
  /** Texts about several nodes, joined: `${NAME}`. */
  readonly lists: Readonly<Record<string, ListDescription>>;
  readonly startAfter: readonly string[];
  readonly exports: Readonly<Record<string, ExportDescription>>;
}

export interface ListDescription {
  /** Role of the nodes; absent: all. */
  readonly of?: string | undefined;
  /** The node that is configured is left out. */
  readonly others: boolean;
  readonly itemTemplate: string;
  readonly separator: string;
}

export type ExportDescription =
  /** `pattern`: source of a regular expression with one group. */
  | { readonly from: "log"; readonly pattern: string }
  | { readonly from: "http"; readonly port: PlaneName; readonly path: string; readonly pointer: string };

/** What a reply must be to mean yes. */
export interface ReplyRule {
  readonly statuses: readonly number[];
  /** JSON Pointers and the texts or numbers that must stand there; null: anything that is there. */
  readonly json: Readonly<Record<string, string | number | boolean | null>>;
  /** Where the reason of a refusal stands. */
  readonly reason?: string | undefined;
}

/** A request to a node's RPC. */
export interface RequestDescription {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyTemplate: string;
}

export interface HealthDescription {
  readonly request: RequestDescription;
  readonly healthy: ReplyRule;
  /** JSON Pointers into the health reply; absent: it does not tell. */
  readonly height?: string | undefined;
  readonly peers?: string | undefined;
}

export interface TransactionDescription {
  readonly request: RequestDescription;
  readonly accepted: ReplyRule;
  readonly largestBytes: number;
}

/** Where transactions stand in what tells of commits. */
interface CommittedItems {
  /** JSON Pointer to a list, one item for each transaction; absent where the list may be absent in a reply: none. */
  readonly items: string;
  /** JSON Pointer within an item to the transaction, or to the beginning of it that names it (`${transaction.key}`). */
  readonly transaction: string;
  readonly encoding: "text" | "base64" | "hex";
  /** JSON Pointer to a rising number: within an item, or where `perItem` is false in the whole reply. */
  readonly position: string;
  readonly perItem: boolean;
}

/** A node is asked for what is new; `${cursor}` is the position after the last one seen. */
export interface PolledCommits extends CommittedItems {
  readonly by: "polling";
  readonly everyMs: number;
  readonly request: RequestDescription;
  /** Where the node tells the position it is at now, from which is read at first. */
  readonly start: { readonly request: RequestDescription; readonly position: string };
}

/** A node sends what is new over a WebSocket. */
export interface PushedCommits extends CommittedItems {
  readonly by: "websocket";
  readonly path: string;
  /** Sent once it stands. */
  readonly subscribeTemplate: string;
  /** Only messages in which all of this is so tell of commits. */
  readonly when: ReplyRule["json"];
}
