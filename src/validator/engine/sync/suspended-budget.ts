import type { Block } from "../consensus/block.ts";
import type { Dag } from "../consensus/dag.ts";

/** What one peer may have waiting here. */
export const defaultSuspensionLimit = { blocks: 800, bytes: 32 * 1024 * 1024 };
export type SuspensionLimit = Readonly<typeof defaultSuspensionLimit>;

/** What a ref of a suspended block takes in memory, beside its bytes in the block. */
const refMemoryBytes = 256;

/**
 * How much of the blocks that wait for others came from each peer, so that none can fill the memory with blocks whose
 * history never comes. Blocks that were released are noticed when it matters.
 */
export class SuspendedBudget {
  readonly #limit: SuspensionLimit;
  readonly #dag: Dag;
  /** By peer, the memory that each block takes, by its key (some may have been released since), and all of it. */
  readonly #held = new Map<number, { readonly blocks: Map<string, number>; bytes: number }>();

  constructor(limit: SuspensionLimit, dag: Dag) {
    this.#limit = limit;
    this.#dag = dag;
  }

  /** Whether the peer may have this block waiting too. */
  hasRoom(peer: number, block: Block): boolean {
    const { blocks, bytes } = this.#limit;
    return this.#isWithin(peer, { blocks: blocks - 1, bytes: bytes - memoryOf(block) });
  }

  /** Whether the peer has used little of what it may: a quarter at most. */
  isMostlyFree(peer: number): boolean {
    const { blocks, bytes } = this.#limit;
    return this.#isWithin(peer, { blocks: blocks / 4, bytes: bytes / 4 });
  }

  add(peer: number, block: Block): void {
    const held = this.#held.get(peer) ?? { blocks: new Map<string, number>(), bytes: 0 };
    this.#held.set(peer, held);
    held.blocks.set(block.ref.key, memoryOf(block));
    held.bytes += memoryOf(block);
  }

  #isWithin(peer: number, limit: SuspensionLimit): boolean {
    const held = this.#held.get(peer);
    if (held === undefined) return limit.bytes >= 0;
    const isWithin = () => held.blocks.size <= limit.blocks && held.bytes <= limit.bytes;
    if (isWithin()) return true;
    for (const [key, memory] of held.blocks) {
      if (this.#dag.isSuspended({ key })) continue;
      held.blocks.delete(key);
      held.bytes -= memory;
    }
    return isWithin();
  }
}

function memoryOf({ encoded, refs }: Block): number {
  return encoded.length + refs.length * refMemoryBytes;
}
