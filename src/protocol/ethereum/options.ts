/** How anvil's nodes can be told to work. Defaults are anvil's, but for the block time. */
import type { ProtocolOption } from "../../contracts/protocol.ts";
import { checkedOptions } from "../../contracts/protocol-options.ts";
import type { Diagnostic } from "../../core/errors.ts";

/** All options, checked. */
export interface EthereumOptions {
  readonly blockTimeSecs: number;
  readonly gasLimit: number;
  readonly order: "fees" | "fifo";
}

export const ethereumOptions: readonly ProtocolOption[] = [
  {
    name: "blockTimeSecs",
    meaning: "time from one block to the next; 0: a block for each transaction, at once",
    // Longer than it takes to see that heights grow would never be called ready.
    allowed: { kind: "number", least: 0, most: 10, whole: false },
    default: 1,
  },
  {
    name: "gasLimit",
    meaning: "most gas of a block's transactions",
    allowed: { kind: "number", least: 1_000_000, most: 1_000_000_000_000, whole: true },
    default: 30_000_000,
  },
  {
    name: "order",
    meaning: "which of the waiting transactions go first",
    allowed: { kind: "choice", choices: ["fees", "fifo"] },
    default: "fees",
  },
];

/** @throws ConfigurationError with all diagnostics */
export function readEthereumOptions(
  nodes: number,
  given: Readonly<Record<string, unknown>>,
): EthereumOptions {
  const ofCommittee = committeeDiagnostics(nodes);
  // Each value passed the rule of its row.
  return checkedOptions("ethereum", ethereumOptions, given, ofCommittee) as unknown as EthereumOptions;
}

/** Development nodes do not speak with each other. */
function committeeDiagnostics(nodes: number): Diagnostic[] {
  if (nodes === 1) return [];
  const message =
    `A committee of ${nodes} nodes cannot be made of anvil, a development node: each has a chain of its own, ` +
    "and none hears of another's blocks. Choose a committee of 1 (--committee 1).";
  return [{ code: "committee-size", message }];
}
