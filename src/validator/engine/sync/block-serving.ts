import { type BlockRef, buildRef, digestBytes } from "../consensus/block.ts";
import type { Dag } from "../consensus/dag.ts";
import { type Message, mostRefsPerRequest } from "./messages.ts";

/** The first `most` blocks in rounds `from` to `to`, both included. */
export interface RoundSpan {
  readonly from: number;
  readonly to: number;
  readonly most: number;
}

/** Every accepted block of this validator, as bytes. */
export interface BlockArchive {
  /** Highest round of an author, 0 before its first block. */
  readonly positions: { highestRound(author: number): number };
  /** The encoded block of exactly this ref. */
  find(ref: BlockRef): Buffer | undefined;
  /** Blocks of an author, by round. Each is read when it is asked for. */
  range(
    author: number,
    span: RoundSpan,
  ): IteratorObject<{ readonly round: number; readonly encoded: Buffer }>;
}

/** What the exchange of blocks and states needs of a connection. */
export interface SyncLink<M = Message> {
  readonly send: (message: M) => void;
  readonly hasRoom: boolean;
}

/** Sends the blocks of these refs, and tells which of them are not here. A peer that reads slowly asks again. */
export function serveRefs(store: BlockArchive, link: SyncLink, refs: readonly BlockRef[]): void {
  const notFound: BlockRef[] = [];
  for (const ref of refs) {
    if (!link.hasRoom) return;
    const encoded = store.find(ref);
    if (encoded === undefined) notFound.push(ref);
    else link.send({ type: "block", encoded });
  }
  if (notFound.length > 0) link.send({ type: "missing", refs: notFound });
}

/**
 * Answers a `range`: blocks as far as the peer's queue has room, then how far they go here. Who asks for its own blocks
 * may have lost them, and must not sign their rounds again: it gets the highest one before it is told of it, also one
 * that waits for others here.
 */
export function serveRange(
  { store, dag }: { readonly store: BlockArchive; readonly dag: Dag },
  link: SyncLink,
  range: Omit<RoundSpan, "most"> & { readonly author: number; readonly asker: number },
): void {
  const { author, asker, from } = range;
  const suspended = author === asker ? dag.highestSuspendedOf(author) : undefined;
  const highestRound = Math.max(store.positions.highestRound(author), suspended?.ref.round ?? 0);
  if (author === asker && highestRound >= from && link.hasRoom) {
    const [accepted] = store.range(author, { from: highestRound, to: highestRound, most: 1 });
    const highest = accepted?.encoded ?? suspended?.encoded;
    if (highest !== undefined) link.send({ type: "block", encoded: highest });
  }
  const blocks = store.range(author, { ...range, most: mostRefsPerRequest });
  while (link.hasRoom) {
    const next = blocks.next();
    if (next.done) break;
    link.send({ type: "block", encoded: next.value.encoded });
  }
  link.send({ type: "missing", refs: [buildRef(author, highestRound + 1, Buffer.alloc(digestBytes))] });
}
