/**
 * What a description's file says, as the schema has it: plain JSON in its user's own words. This is a described
 * protocol's `definition`, the files that it names taken into it.
 */
import type { PlaneName } from "./description.ts";

/** Texts of commands and environments may be written without quotes. */
export type Scalar = string | number | boolean;

export interface CustomFile {
  readonly name: string;
  readonly title?: string;
  readonly tolerates?: "none" | "minority" | "third";
  readonly options?: Readonly<Record<string, OptionEntry>>;
  readonly secrets?: readonly string[];
  readonly nodes: readonly GroupEntry[];
  readonly health: RequestEntry & {
    readonly healthy?: RuleEntry;
    readonly height?: string;
    readonly peers?: string;
    readonly "catching-up"?: string;
  };
  /** There exactly where `load` is not. */
  readonly transaction?: RequestEntry & {
    readonly accepted?: RuleEntry;
    readonly "largest-bytes"?: number;
  };
  readonly commits?: PollingEntry | WebSocketEntry;
  readonly load?: NodeLoadEntry;
  readonly metrics?: {
    readonly port: "rpc" | "metrics";
    readonly path?: string;
    readonly keep: readonly string[];
  };
}

export interface NodeLoadEntry {
  readonly by: "nodes";
  readonly port: "rpc" | "metrics";
  readonly path?: string;
  readonly submitted?: { readonly counter: string };
  readonly committed: { readonly counter?: string; readonly of: "node" | "committee" };
  readonly latency: { readonly histogram: string; readonly unit: "s" | "ms"; readonly squares?: string };
  readonly keep?: readonly string[];
}

export interface OptionEntry {
  readonly meaning: string;
  readonly default: number | string;
  readonly "remote-default"?: number | string;
  readonly from?: number;
  readonly to?: number;
  readonly choices?: readonly string[];
}

export interface GroupEntry {
  readonly role: string;
  readonly count?: number;
  readonly program: {
    readonly binary?: string;
    readonly image?: string;
    readonly entrypoint?: readonly string[];
    readonly remedy?: string;
  };
  readonly ports: Readonly<Partial<Record<PlaneName, number | "any">>>;
  readonly command?: readonly Scalar[];
  readonly environment?: Readonly<Record<string, Scalar>>;
  readonly files?: readonly FileEntry[];
  readonly lists?: Readonly<Record<string, ListEntry>>;
  readonly "start-after"?: readonly string[];
  readonly exports?: Readonly<Record<string, ExportEntry>>;
}

export interface FileEntry {
  readonly path: string;
  readonly mode?: string;
  readonly content?: string;
  /** A file with variables, or one that is taken as it is; a definition has `content` in place of both. */
  readonly template?: string;
  readonly copy?: string;
}

export interface ListEntry {
  readonly of?: string | readonly string[];
  readonly "except-self"?: boolean;
  readonly item: string;
  readonly separator?: string;
}

export type ExportEntry =
  | { readonly from: "log"; readonly pattern: string }
  | {
      readonly from: "http";
      readonly port: PlaneName;
      readonly path: string;
      readonly pointer: string;
    };

export interface RequestEntry {
  readonly method?: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly json?: unknown;
}

export interface RuleEntry {
  readonly status?: number | readonly number[];
  readonly has?: readonly string[];
  readonly equals?: Readonly<Record<string, Scalar>>;
  readonly reason?: string;
}

interface CommitsEntry {
  readonly items: string;
  readonly transaction: string;
  readonly encoding?: "text" | "base64" | "hex";
  readonly position: { readonly item: string } | { readonly reply: string };
}

export type StartEntry = RequestEntry & { readonly position: string };

export type PollingEntry = CommitsEntry &
  RequestEntry & {
    readonly by: "polling";
    readonly "every-ms"?: number;
    readonly start: StartEntry;
  };

export interface WebSocketEntry extends CommitsEntry {
  readonly by: "websocket";
  readonly path: string;
  readonly subscribe: unknown;
  readonly when?: Pick<RuleEntry, "has" | "equals">;
  readonly start?: StartEntry;
}
