import type { MessagePort } from "node:worker_threads";
import type { ShaperConfiguration, ShaperReport } from "../contracts/links/shaper.ts";

/** What the shaping thread begins with. */
export interface ThreadData {
  readonly configuration: ShaperConfiguration;
  /** Takes commands; each is followed by a byte to the wake descriptor. */
  readonly commands: MessagePort;
}

/** What the shaping thread says. */
export type ThreadMessage =
  | { readonly type: "open"; readonly wakeDescriptor: number }
  | { readonly type: "report"; readonly report: ShaperReport }
  | { readonly type: "closed" };
