import { type BlockRef, buildRef, digestBytes } from "../consensus/block.ts";
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

/** Answers a `range`: blocks as far as the peer's queue has room, then how far they go here: to `highestRound`. */
export function serveRange(
  store: BlockArchive,
  link: SyncLink,
  range: Omit<RoundSpan, "most"> & { readonly author: number; readonly highestRound: number },
): void {
  const blocks = store.range(range.author, { ...range, most: mostRefsPerRequest });
  while (link.hasRoom) {
    const next = blocks.next();
    if (next.done) break;
    link.send({ type: "block", encoded: next.value.encoded });
  }
  const end = buildRef(range.author, range.highestRound + 1, Buffer.alloc(digestBytes));
  link.send({ type: "missing", refs: [end] });
}
