import type { MessagePort } from "node:worker_threads";
import type { LinkShape } from "../../contracts/links/shape.ts";
import type { ShaperChange, ShaperReport } from "../../contracts/links/shaper.ts";

/** A sender of packets, as its receivers know it. */
export interface Sender {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** A receiver of packets on this machine. */
export interface TargetPlan {
  readonly name: string;
  /** Descriptor of its network namespace. */
  readonly namespace: number;
  /** All other nodes. */
  readonly senders: readonly (Sender & { readonly shape: LinkShape })[];
}

export interface LinkSettings {
  readonly seed: string;
  readonly mtuBytes: number;
  /** Shape of packets from and to addresses that are no node's. */
  readonly others?: LinkShape | undefined;
}

/** What the shaping thread begins with. */
export interface ThreadData {
  readonly settings: LinkSettings;
  /** Takes commands; each is followed by a byte to the wake descriptor. */
  readonly commands: MessagePort;
}

export type QueueCommand =
  /** Targets of the same names are replaced. The addresses of other targets' senders change. */
  | {
      readonly type: "attach";
      readonly id: number;
      readonly targets: readonly TargetPlan[];
      readonly senders: readonly Sender[];
    }
  | { readonly type: "set"; readonly id: number; readonly changes: readonly ShaperChange[] }
  | { readonly type: "stop" };

/** What the shaping thread says. */
export type ThreadMessage =
  | { readonly type: "open"; readonly wakeDescriptor: number; readonly realTime: boolean }
  | { readonly type: "done"; readonly id: number; readonly atMs: number }
  | { readonly type: "failed"; readonly id: number; readonly reason: string }
  | { readonly type: "report"; readonly report: ShaperReport }
  | { readonly type: "closed" };
