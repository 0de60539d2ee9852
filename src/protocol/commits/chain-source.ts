import type { CommittedBlock } from "../../contracts/load/commits.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { ProbeOptions } from "../../contracts/protocol.ts";
import type { BlockSubscription } from "./block-inbox.ts";
import { type ChainExtent, readBlock, readExtent } from "./rpc-client.ts";
import { type SubscriptionOptions, subscribeToBlocks } from "./subscription.ts";

/** Where an observer has a chain's blocks from: what differs from one kind of RPC to the next. */
export interface ChainSource {
  readonly readExtent: (rpc: Endpoint, options: ProbeOptions) => Promise<ChainExtent>;
  /** Rejects where the node does not give the block. */
  readonly readBlock: (
    rpc: Endpoint,
    height: number,
    options: ProbeOptions & { readonly headBytes: number },
  ) => Promise<CommittedBlock>;
  /** Resolves once it stands. @throws SubscriptionError */
  readonly subscribe: (rpc: Endpoint, options: SubscriptionOptions) => Promise<BlockSubscription>;
}

/** A CometBFT-shaped RPC. */
export const cometBftSource: ChainSource = { readExtent, readBlock, subscribe: subscribeToBlocks };
