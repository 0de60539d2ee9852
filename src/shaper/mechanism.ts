import type { KernelMechanism, OpenCommand, ShaperChange, ShaperReport } from "../contracts/links/shaper.ts";
import type { Remote } from "./calls.ts";
import type { HeldPlace } from "./namespaces.ts";
import type { Network } from "./network.ts";
import type { ToolOperations } from "./tools/operations.ts";

/** What shapes the links of the network that it was opened for. Calls do not overlap. */
export interface Mechanism {
  readonly name: KernelMechanism;
  /** undefined: that means nothing here. */
  readonly realTime?: boolean | undefined;
  /** Shapes what comes to these places, or goes out from them. The network has them already. */
  readonly attach: (places: readonly HeldPlace[]) => Promise<void>;
  /** The network has the changes already. @returns when they hold, on the monotonic clock */
  readonly set: (changes: readonly ShaperChange[]) => Promise<number>;
  /** Releases all packets. Rules in namespaces were removed before. */
  readonly close: () => Promise<void>;
}

export interface MechanismOptions {
  readonly open: OpenCommand;
  readonly network: Network<HeldPlace>;
  /** They refuse once the shaper ends. */
  readonly tools: Pick<Remote<ToolOperations>, "installRules" | "routes" | "traffic">;
  readonly report: (report: ShaperReport) => void;
  /** A thread has ended by itself. */
  readonly fail: (error: unknown) => void;
}
